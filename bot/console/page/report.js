// @ts-check
/** One report, opened: what was checked, what to beware of, its text, and what else is in it; or that it is refused, and why. */

import { utf8 } from "./bytes.js";
import { dated, grouped, make, show, sized, the, word } from "./dom.js";
import { tier } from "./list.js";
import { paper } from "./paper.js";
import { lines, plain } from "./plain.js";
import { officerOf } from "./roster.js";
import { isPicture, picture, save } from "./save.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./envelope.js").Opened} Opened */
/** @typedef {import("./line.js").Listed} Listed */
/** @typedef {import("./manifest.js").Manifest} Manifest */
/** @typedef {import("./roster.js").Roster} Roster */
/** @typedef {{ name: string, size: number, bytes: () => Promise<Bytes> }} Attachment */
/**
 * @typedef {object} Acts
 * @property {() => void} have
 * @property {(name: string, manifest: Manifest) => Promise<Bytes>} large an attachment that lies in a file of its own
 * @property {(work: () => Promise<void>) => void} guarded tells what fails in it
 * @property {(text: string) => void} say
 */

const TEXT = "report.txt";
const JSON_FILE = "report.json";
const body = the("report-body");

/** While it is fetched and opened. @param {Listed} report */
export function opening(report) {
  the("report-title").replaceChildren(word("report.title", { day: dated(report.day) }));
  body.replaceChildren(make("p", { class: "soft" }, word("report.opening")));
  show("report");
}

/** Nothing of it is shown. @param {Listed} report @param {string} code */
export function refused(report, code) {
  const why = make("p", {}, word(`refused.${code}`));
  const title = make("h2", {}, word("refused.title"));
  const box = make("div", { class: "alarm box", role: "alert" }, title, why, make("p", {}, word("refused.what")));
  body.replaceChildren(box, number(report.id), make("p", { class: "soft" }, word("refused.code", { code })));
}

/** No word of it stays in the page. */
export function close() {
  body.replaceChildren();
}

/** @param {Listed} report @param {Bytes} sealed @param {Opened} opened @param {Roster} roster @param {Acts} acts */
export function opened(report, sealed, { manifest, parts, warnings }, roster, acts) {
  const beware = [...warnings, ...rosterWarnings(manifest, roster)];
  const text = lines(parts.get(TEXT) ?? new Uint8Array());
  const readers = manifest.to.map((tag) => reader(tag, roster));
  const hasSigns = text.flat().some(({ isSign }) => isSign);
  const { tier: urgency, htcds } = told(parts.get(JSON_FILE));
  the("report-title").textContent = word("report.title", { day: dated(manifest.date) });
  body.replaceChildren(
    ...beware.map((code) => make("p", { class: code === "other_roster" ? "box" : "care box" }, word(`warning.${code}`))),
    number(report.id),
    make("p", { class: "soft urgency" }, ...(typeof urgency === "string" ? tier(plain(urgency)) : [])),
    make("p", { class: "checked" }, word("report.verified")),
    make("p", { class: "soft" }, word("report.sealed", { n: manifest.seq, day: dated(manifest.date) })),
    make("p", { class: "soft", id: "readers" }, word("report.readers", { list: readers.join(", ") })),
    state(report, acts),
    make("h2", {}, word("report.text")),
    ...(hasSigns ? [make("p", { class: "soft" }, word("report.signs"))] : []),
    make("div", { class: "paper", id: "text" }, ...paper(text)),
    ...attachments(report.id, manifest, parts, acts),
    ...saving(report.id, sealed, parts, htcds, acts),
  );
}

/** The button by which the officer takes it, or who has it. @param {Listed} report @param {Acts} acts */
function state(report, acts) {
  const have = make("button", { type: "button", class: "main", onclick: acts.have }, word("list.have"));
  const had = report.officer && make("strong", {}, word("list.had", { officer: plain(report.officer) }));
  return make("p", { class: "acts", id: "state" }, had || have);
}

/** Codes of what the roster says against it. @param {Manifest} manifest @param {Roster} roster */
function rosterWarnings(manifest, roster) {
  const unknown = manifest.to.some((tag) => !officerOf(roster, tag));
  const other = manifest.roster.sha256 !== roster.sha256 || manifest.roster.version !== roster.version;
  return [...(unknown ? ["unknown_reader"] : []), ...(other ? ["other_roster"] : [])];
}

/** @param {string} tag @param {Roster} roster */
function reader(tag, roster) {
  const officer = officerOf(roster, tag);
  return officer ? `${plain(officer.id)} (${plain(officer.unit)})` : word("report.key", { tag: tag.slice(0, 8) });
}

/** @param {string} id */
function number(id) {
  return make("p", { class: "id" }, make("code", {}, grouped(id)));
}

/** @param {string} id @param {Manifest} manifest @param {Map<string, Bytes>} parts @param {Acts} acts */
function attachments(id, manifest, parts, acts) {
  const small = [...parts].filter(([name]) => name.startsWith("att/"));
  /** @type {Attachment[]} */
  const all = [
    ...small.map(([name, data]) => ({ name, size: data.length, bytes: async () => data })),
    ...Object.entries(manifest.detached).map(([name, part]) => ({ name, size: part.len, bytes: () => acts.large(name, manifest) })),
  ];
  if (!all.length) return [];
  all.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  const items = all.map((one) => attachment(id, one, acts));
  return [make("h2", {}, word("report.attachments")), make("ul", { class: "files" }, ...items)];
}

/** @param {string} id @param {Attachment} one @param {Acts} acts */
function attachment(id, one, acts) {
  const name = one.name.replace("att/", "");
  const place = make("div", {});
  const label = make("span", { id: `file-${name}` }, make("b", {}, name), `, ${sized(one.size)}`);
  const keep = () => acts.guarded(async () => (save(id, one.name, await one.bytes()), acts.say(word("save.done"))));
  const look = () => acts.guarded(async () => {
    const failed = () => (place.replaceChildren(), acts.say(word("report.no_picture")));
    place.replaceChildren(picture(one.name, await one.bytes(), word("report.picture", { name }), failed));
    shown.hidden = true;
  });
  const shown = button(word("report.show"), look, `file-${name}`);
  shown.hidden = !isPicture(one.name);
  const kept = button(word("save.save"), keep, `file-${name}`);
  return make("li", {}, label, make("span", { class: "acts" }, shown, " ", kept), place);
}

/**
 * @param {string} id @param {Bytes} sealed @param {Map<string, Bytes>} parts
 * @param {unknown} htcds of the report, if it has it @param {Acts} acts
 */
function saving(id, sealed, parts, htcds, acts) {
  const standard = htcds ? utf8(JSON.stringify(htcds, null, 1)) : null;
  const files = [...[TEXT, JSON_FILE].map((name) => [name, parts.get(name)]), ["htcds.json", standard], ["age", sealed]];
  const known = /** @type {[string, Bytes][]} */ (files.filter(([, data]) => data));
  const keep = (/** @type {string} */ name, /** @type {Bytes} */ data) => (save(id, name, data), acts.say(word("save.done")));
  const buttons = known.map(([name, data]) => button(word(`save.${name}`), () => keep(name, data)));
  const care = make("p", { class: "soft" }, word("save.care"));
  return [make("h2", {}, word("save.title")), care, make("p", { class: "acts" }, ...buttons)];
}

/**
 * What the report itself says, whatever the server's list says of it.
 * @param {Bytes | undefined} data @returns {{ tier?: unknown, htcds?: unknown }}
 */
function told(data) {
  try {
    return JSON.parse(new TextDecoder().decode(data)) ?? {};
  } catch {
    return {}; // the file is signed, whatever it holds: it can be saved as it is
  }
}

/** @param {string} text @param {() => void} onclick @param {string} [about] id of what it is about */
function button(text, onclick, about = "") {
  return make("button", { type: "button", "aria-describedby": about || false, onclick }, text);
}

/** Somebody has it now. @param {Listed} report @param {Acts} acts */
export function taken(report, acts) {
  document.getElementById("state")?.replaceWith(state(report, acts));
}

/** @param {string} text */
export function failed(text) {
  body.replaceChildren(make("p", { class: "care box", role: "alert" }, text));
}

