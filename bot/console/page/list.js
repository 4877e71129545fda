// @ts-check
/** The reports of the officer's unit: what the server knows of them, which is nothing of what they say. */

import { dated, grouped, make, show, sized, tell, the, word } from "./dom.js";
import { plain } from "./plain.js";

/** @typedef {import("./line.js").Listed} Listed */
/** @typedef {{ open: (report: Listed) => void, have: (report: Listed) => void }} Acts */

const TIERS = new Set(["P0", "P1", "P2", "P3", "P4"]);

/** @param {Listed[]} reports @param {string} unit @param {Acts} acts */
export function fill(reports, unit, acts) {
  const waiting = reports.filter((report) => !report.officer).length;
  tell(the("list-title"), word("list.title", { unit }));
  tell(the("count"), reports.length ? word("list.count", { n: reports.length, waiting }) : word("list.none"));
  the("reports").replaceChildren(...reports.map((report) => item(report, acts)));
}

/** Shows it, with the focus on the report that was looked at. @param {string} [id] */
export function back(id) {
  show("list");
  if (id) document.getElementById(`open-${id}`)?.focus();
}

/** @param {Listed} report @param {Acts} acts */
function item(report, acts) {
  const head = `head-${report.id}`;
  const name = make("h2", { id: head }, ...tier(report.tier), " · ", dated(report.day));
  const about = { type: "button", "aria-describedby": head };
  const opening = { ...about, class: "main", id: `open-${report.id}`, onclick: () => acts.open(report) };
  const having = { ...about, onclick: () => acts.have(report) };
  const have = report.officer ? null : make("button", having, word("list.have"));
  return make(
    "li",
    { class: report.officer ? "had" : "waits" },
    name,
    make("p", { class: "facts" }, ...facts(report)),
    make("p", { class: "id" }, make("code", {}, grouped(report.id))),
    make("p", { class: "acts" }, make("button", opening, word("list.open")), " ", have),
  );
}

/** How urgent it is: the code, in a colour, and what it means. @param {string} of @returns {(Node | string)[]} */
export function tier(of) {
  const isKnown = TIERS.has(of);
  return [make("span", { class: isKnown ? `tier ${of}` : "tier" }, of), " ", isKnown ? word(`tier.${of}`) : ""];
}

/** @param {Listed} report */
function facts(report) {
  const state = report.officer ? word("list.had", { officer: plain(report.officer) }) : word("list.waits");
  return [
    make("strong", { class: "state" }, state),
    make("span", {}, sized(report.size)),
    report.practice && make("span", { class: "mark" }, word("list.practice")),
    report.many && make("span", { class: "mark" }, word("list.many")),
  ];
}
