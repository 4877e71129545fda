// @ts-check
/** The roster in force (FORMAT.md, section 9): it counts only with the signatures of enough directors. */

import { isHex, sha256 } from "./bytes.js";
import { hasExactly, isDay, isObject, isWhole, order } from "./canonical.js";
import { Refused } from "./refused.js";
import { signedBy } from "./signed.js";
import { tagOf } from "./tag.js";

/** @typedef {{ id: string, recipient: string, signing: string, unit: string, valid_from: string, valid_until: string }} Entry */
/** @typedef {Entry & { tag: string }} Officer */
/**
 * @typedef {object} Roster
 * @property {number} version
 * @property {boolean} practice
 * @property {string} expires
 * @property {string[]} sealers
 * @property {Record<string, { name: string }>} units
 * @property {Officer[]} officers
 * @property {string} sha256 of the body that is signed
 */

const CTX = "faro/roster/v1";
const UNIT = ["country", "email", "name", "role", "wants_file"];
const OFFICER = ["id", "recipient", "signing", "unit", "valid_from", "valid_until"];
const RECIPIENT = /^age1pq1[02-9ac-hj-np-z]+$/;

/**
 * Throws `RosterRefused` with what is wrong: "form", "signatures", "older" or "expired".
 * @param {import("./bytes.js").Bytes} document
 * @param {{ directors: string[], threshold: number }} trust
 * @param {number} seen the highest version that was in force here @param {string} today
 * @returns {Promise<Roster>}
 */
export async function readRoster(document, trust, seen, today) {
  const { body, data, signers } = await opened(document, trust.directors);
  if (!holds(body)) return refuse("form");
  if (trust.threshold < 1 || signers.size < trust.threshold) return refuse("signatures");
  if (body.version < seen) return refuse("older");
  if (today > body.expires) return refuse("expired");
  const tagged = async (/** @type {Entry} */ one) => ({ ...one, tag: await tagOf(one.recipient) });
  const officers = await Promise.all(body.officers.map(tagged));
  return { .../** @type {any} */ (body), officers, sha256: await sha256(data) };
}

/** Whose key a tag is, whether or not it still counts. @param {Roster} roster @param {string} tag */
export function officerOf(roster, tag) {
  return roster.officers.find((officer) => officer.tag === tag);
}

/** The officer whose key this is. @param {Roster} roster @param {{ recipient: string, signing: string }} key */
export function owner(roster, key) {
  return roster.officers.find(({ recipient, signing }) => recipient === key.recipient && signing === key.signing);
}

/** @param {import("./bytes.js").Bytes} document @param {string[]} directors */
async function opened(document, directors) {
  try {
    return await signedBy(document, CTX, directors);
  } catch (error) {
    if (error instanceof Refused) refuse("form");
    throw error;
  }
}

/** @param {import("./canonical.js").Json} body */
function holds(body) {
  return (
    hasExactly(body, "ctx", "version", "practice", "issued", "expires", "sealers", "units", "officers") &&
    isWhole(body.version) && body.version >= 1 && typeof body.practice === "boolean" &&
    isDay(body.issued) && isDay(body.expires) &&
    Array.isArray(body.sealers) && body.sealers.every((/** @type {unknown} */ key) => isHex(key, 32)) &&
    isObject(body.units) && Object.values(body.units).every(isUnit) &&
    Array.isArray(body.officers) && areOfficers(body.officers, body.units)
  );
}

/** @param {unknown} unit */
function isUnit(unit) {
  if (!hasExactly(unit, ...UNIT) || typeof unit.wants_file !== "boolean") return false;
  return [unit.country, unit.name, unit.role, unit.email ?? ""].every((text) => typeof text === "string");
}

/** @param {unknown[]} officers @param {object} units */
function areOfficers(officers, units) {
  const known = officers.filter(isOfficer).filter((one) => Object.hasOwn(units, one.unit));
  const ids = new Set(known.map(({ id }) => id));
  const recipients = new Set(known.map(({ recipient }) => recipient));
  const areAll = [known.length, ids.size, recipients.size].every((size) => size === officers.length);
  return areAll && known.every((one, place) => !place || before(known[place - 1], one));
}

/** @param {unknown} one @returns {one is Entry} */
function isOfficer(one) {
  if (!hasExactly(one, ...OFFICER) || !isHex(one.signing, 32)) return false;
  const texts = [one.id, one.unit].every((text) => typeof text === "string");
  const isSealable = typeof one.recipient === "string" && RECIPIENT.test(one.recipient);
  return texts && isSealable && isDay(one.valid_from) && isDay(one.valid_until);
}

/** @param {Entry} one @param {Entry} other */
function before(one, other) {
  return (order(one.unit, other.unit) || order(one.id, other.id)) < 0;
}

/** @param {string} detail @returns {never} */
function refuse(detail) {
  throw new Refused("RosterRefused", detail);
}
