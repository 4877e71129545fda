// @ts-check
/**
 * Whose signature under a roster counts: the directors that the officer confirmed in this browser, and no others that a
 * server may name. Public keys alone are remembered, and the newest roster that was seen.
 */

import { Refused } from "./refused.js";
import { readRoster } from "./roster.js";

/** @typedef {{ directors: string[], threshold: number }} Trust */
/** @typedef {Trust & { version: number }} Remembered */
/** @typedef {import("./line.js").Named} Named */

const PLACE = "faro-directors";

/** Where the browser stores nothing: the officer is asked at each visit then. @type {Remembered | null} */
let held = null;

/** Null before the first time. @returns {Remembered | null} */
export function remembered() {
  try {
    const value = JSON.parse(localStorage.getItem(PLACE) ?? "null");
    return value && Array.isArray(value.directors) && value.threshold >= 1 ? value : held;
  } catch {
    return held;
  }
}

/** @param {Trust} trust @param {number} version */
export function remember({ directors, threshold }, version) {
  held = { directors: [...directors].sort(), threshold, version };
  try {
    localStorage.setItem(PLACE, JSON.stringify(held));
  } catch {
    // a browser that stores nothing, or has no room
  }
}

/** Must the officer look at the directors? In practice nobody made them known to anybody. @param {Named} named */
export function isUnconfirmed(named) {
  const known = remembered();
  if (!known) return !named.practice;
  return [...named.directors].sort().join() !== known.directors.join() || named.threshold !== known.threshold;
}

/** The roster that the server names, by the directors that it names. Throws `RosterRefused`. @param {Named} named */
export async function rosterOf(named) {
  const known = remembered();
  // It was a real one, and nobody is asked to unlearn that.
  if (known && named.practice) throw new Refused("RosterRefused", "practice");
  const roster = await readRoster(named.document, named, known?.version ?? 0, today());
  if (roster.practice !== named.practice) throw new Refused("RosterRefused", "form");
  return roster;
}

/** The same under the confirmed directors. Throws `DirectorsChanged` too. @param {Named} named */
export async function rosterInForce(named) {
  const roster = await rosterOf(named);
  if (isUnconfirmed(named)) throw new Refused("DirectorsChanged");
  const known = remembered();
  if (known && roster.version > known.version) remember(known, roster.version);
  return roster;
}

/** The day by universal time, as the roster counts. */
export function today() {
  return new Date().toISOString().slice(0, 10);
}
