// @ts-check
/** Canonical JSON (FORMAT.md, section 1): the one way to write a value, and the refusal of every other. */

import { same, utf8 } from "./bytes.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {Record<string, any>} Json */

const LONE_SURROGATE = /\p{Cs}/u;

/** Throws `NotCanonical` for what has more than one way to be written, such as 1.5. @param {unknown} value @returns {Bytes} */
export function canonical(value) {
  return utf8(written(value));
}

/** The object that `data` is the canonical form of. Throws `NotCanonical`. @param {Bytes} data @returns {Json} */
export function parse(data) {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
    if (isObject(value) && same(canonical(value), data)) return value;
  } catch (error) {
    // SyntaxError: no JSON; TypeError: no UTF-8; RangeError: deeper than anything of ours
    if (!(error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  throw new Refused("NotCanonical");
}

/** @param {unknown} value @returns {value is Json} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Has it these members and no others? @param {unknown} value @param {string[]} names @returns {value is Json} */
export function hasExactly(value, ...names) {
  return isObject(value) && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** @param {unknown} value @returns {value is number} */
export function isWhole(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
}

/** A day as ISO 8601 has it, that a calendar has too. @param {unknown} text @returns {text is string} */
export function isDay(text) {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith("0000")) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** By code points, where the language itself compares halves of them. @param {string} one @param {string} other */
export function order(one, other) {
  const left = Array.from(one, (sign) => /** @type {number} */ (sign.codePointAt(0)));
  const right = Array.from(other, (sign) => /** @type {number} */ (sign.codePointAt(0)));
  const place = left.findIndex((point, at) => point !== right[at]);
  return place === -1 ? left.length - right.length : left[place] - (right[place] ?? -1);
}

/** @param {unknown} value @returns {string} */
function written(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && !LONE_SURROGATE.test(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (isObject(value)) {
    const members = Object.keys(value).sort(order).map((name) => `${written(name)}:${written(value[name])}`);
    return `{${members.join(",")}}`;
  }
  throw new Refused("NotCanonical");
}
