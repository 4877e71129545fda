// @ts-check
/** Bytes and the ways to write them. */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const HEX = /^[0-9a-f]*$/;
const CHUNK = 0x8000; // bytes at once: a call takes only so many arguments

/** Lower-case hexadecimal. @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Is it `length` bytes in lower-case hexadecimal? @param {unknown} text @param {number} length @returns {text is string} */
export function isHex(text, length) {
  return typeof text === "string" && text.length === 2 * length && HEX.test(text);
}

/** @param {string} text of which `isHex` holds @returns {Bytes} */
export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Base 64 with its padding. @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** Null for what is no Base 64. @param {string} text @returns {Bytes | null} */
export function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export function same(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

/** @param {string} text @returns {Bytes} UTF-8 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** @param {Bytes} bytes */
export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
