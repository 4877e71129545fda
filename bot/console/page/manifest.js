// @ts-check
/** The manifest of a sealed report, which says what every other part must be (FORMAT.md, section 4). */

import { Encrypter } from "./age.js";
import { isHex } from "./bytes.js";
import { hasExactly, isDay, isObject, isWhole, order, parse } from "./canonical.js";
import { Refused } from "./refused.js";

/** @typedef {{ len: number, sha256: string }} PartRef */
/** @typedef {{ file: string, len: number, sha256: string }} DetachedRef */
/**
 * @typedef {object} Manifest as it stands in the file
 * @property {string} report_id
 * @property {number} seq
 * @property {string} prev
 * @property {string} date
 * @property {boolean} practice
 * @property {{ sha256: string, version: number }} roster
 * @property {string[]} to
 * @property {string | null} follow_up
 * @property {Record<string, PartRef>} parts
 * @property {Record<string, DetachedRef>} detached
 */

const CTX = "faro/report-manifest/v1";
const MEMBERS = ["ctx", "report_id", "seq", "prev", "date", "practice", "roster", "to", "follow_up", "parts", "detached"];

/**
 * Of bytes whose signature was verified. Throws `ManifestRefused`.
 * @param {import("./bytes.js").Bytes} data @returns {Promise<Manifest>}
 */
export async function readManifest(data) {
  const value = read(data);
  const isOne = value?.ctx === CTX && holds(value) && (await isAnswerable(value.follow_up));
  if (!isOne) throw new Refused("ManifestRefused");
  return /** @type {any} */ (value);
}

/** @param {import("./bytes.js").Bytes} data */
function read(data) {
  try {
    return parse(data);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** @param {import("./canonical.js").Json} value */
function holds(value) {
  return (
    hasExactly(value, ...MEMBERS) &&
    isHex(value.report_id, 16) && isWhole(value.seq) && isHex(value.prev, 32) && isDay(value.date) &&
    typeof value.practice === "boolean" &&
    hasExactly(value.roster, "sha256", "version") && isHex(value.roster.sha256, 32) && isWhole(value.roster.version) &&
    isSorted(value.to) &&
    isObject(value.parts) && Object.values(value.parts).every(isPart) &&
    isObject(value.detached) && Object.entries(value.detached).every(([name, part]) => isDetached(name, part))
  );
}

/** @param {unknown} tags */
function isSorted(tags) {
  if (!Array.isArray(tags) || !tags.every((tag) => isHex(tag, 16))) return false;
  return tags.every((tag, place) => !place || order(tags[place - 1], tag) <= 0);
}

/** @param {unknown} part */
function isPart(part) {
  return hasExactly(part, "len", "sha256") && isWhole(part.len) && isHex(part.sha256, 32);
}

/** `att/3.ogg` lies in `att3.age`: neither name may lead anywhere else. @param {string} name @param {unknown} part */
function isDetached(name, part) {
  const number = /^att\/([1-9][0-9]?)\.[a-z0-9]{1,5}$/.exec(name)?.[1];
  if (!hasExactly(part, "file", "len", "sha256") || number === undefined) return false;
  return part.file === `att${number}.age` && isWhole(part.len) && isHex(part.sha256, 32);
}

/** Null, or a recipient that something can be sealed to. @param {unknown} recipient */
async function isAnswerable(recipient) {
  if (recipient === null) return true;
  if (typeof recipient !== "string" || !/^age1pq1/i.test(recipient)) return false;
  try {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient === recipient.toUpperCase() ? recipient.toLowerCase() : recipient);
    await encrypter.encrypt(new Uint8Array());
    return true;
  } catch {
    return false; // the library says in words alone what is wrong with a recipient
  }
}
