// @ts-check
/** A person's words as they are shown: every sign that could steer or hide text is made visible (bot/officer_view.py). */

/** @typedef {{ text: string, isSign: boolean }} Piece `isSign`: in place of what can't be seen */

// Control, format, surrogate, private and unassigned, and the two separators.
const HIDDEN = /([\p{C}\u2028\u2029])/u;
const HARMLESS = new Set(["\n", "\u200c", "\u200d"]); // the two joiners shape honest Persian and Indic words
const LINE = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

/** The lines of a text, each in pieces. @param {Uint8Array} data UTF-8 @returns {Piece[][]} */
export function lines(data) {
  const all = new TextDecoder("utf-8", { ignoreBOM: true }).decode(data).split(LINE);
  if (all[all.length - 1] === "") all.pop(); // what ends a line begins none
  return all.map(pieces);
}

/** @param {string} text @returns {Piece[]} */
export function pieces(text) {
  const parts = text.replaceAll("\r\n", "\n").split(HIDDEN);
  return parts.flatMap((part, place) => (part ? [place % 2 ? shown(part) : { text: part, isSign: false }] : []));
}

/** The same in one text. @param {string} text */
export function plain(text) {
  return pieces(text).map((piece) => piece.text).join("");
}

/** @param {string} sign @returns {Piece} */
function shown(sign) {
  if (HARMLESS.has(sign)) return { text: sign, isSign: false };
  const point = /** @type {number} */ (sign.codePointAt(0));
  return { text: `<U+${point.toString(16).toUpperCase().padStart(4, "0")}>`, isSign: true };
}
