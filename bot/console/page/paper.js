// @ts-check
/** The text of a report as a document: each line as it stands, the sections as headings, a person's own words set apart. */

import { make } from "./dom.js";

/** @typedef {import("./plain.js").Piece} Piece */

const RULE = /^-{72}$/; // below the title of a section (bot/report_text.py)
const OWN_WORDS = "    > "; // before each line that a person wrote

/** An element for each line. @param {Piece[][]} lines */
export function paper(lines) {
  const texts = lines.map((line) => line.map(({ text }) => text).join(""));
  return lines.map((line, place) => {
    if (RULE.test(texts[place])) return make("hr", { class: "line" });
    if (RULE.test(texts[place + 1] ?? "")) return make("h3", { class: "line" }, ...line.map(piece));
    return make("p", { class: texts[place].startsWith(OWN_WORDS) ? "line own" : "line", dir: "auto" }, ...line.map(piece));
  });
}

/** @param {Piece} one */
function piece({ text, isSign }) {
  return isSign ? make("span", { class: "sign" }, text) : text;
}
