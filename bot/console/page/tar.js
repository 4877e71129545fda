// @ts-check
/** The padded tar inside a sealed file, read in its single canonical form (FORMAT.md, section 3). */

import { same, utf8 } from "./bytes.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const BLOCK = 512;
const LARGEST = 64 * 1024 * 1024; // bytes
const NAME = /^(manifest\.(json|sig)|report\.(txt|json)|att\/[1-9][0-9]?\.[a-z0-9]{1,5})$/;
const SUM = 148; // where the checksum stands, which counts itself as eight spaces

/** The members, in their order. Throws `ArchiveRefused`. @param {Bytes} data @returns {Map<string, Bytes>} */
export function unpack(data) {
  if (data.length > LARGEST || data.length % BLOCK) refuse();
  /** @type {Map<string, Bytes>} */
  const members = new Map();
  let at = 0;
  for (;;) {
    const block = data.subarray(at, at + BLOCK);
    if (isBlank(block)) break;
    const { name, size } = header(block);
    const start = at + BLOCK;
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (members.has(name) || at > data.length || !isBlank(data.subarray(start + size, at))) refuse();
    members.set(name, data.slice(start, start + size));
  }
  if (data.length - at < 2 * BLOCK || !isBlank(data.subarray(at))) refuse();
  return members;
}

/** The whole block must be what `written` makes of name and size, so no other feature of tar is read. @param {Bytes} block */
function header(block) {
  const text = new TextDecoder("latin1").decode(block);
  const name = text.slice(0, 100).replace(/\0+$/, "");
  const digits = text.slice(124, 135);
  if (!NAME.test(name) || !/^[0-7]{11}$/.test(digits)) return refuse();
  const size = parseInt(digits, 8);
  if (size > LARGEST || !same(written(name, digits), block)) return refuse();
  return { name, size };
}

/** @param {string} name @param {string} size eleven octal digits @returns {Bytes} */
function written(name, size) {
  const block = new Uint8Array(BLOCK);
  const fields = { 0: name, 100: "0000644\0", 108: "0000000\0", 116: "0000000\0", 124: `${size}\0`, 136: "00000000000\0",
    [SUM]: "        ", 156: "0", 257: "ustar\x0000" };
  for (const [at, text] of Object.entries(fields)) block.set(utf8(text), Number(at));
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(utf8(`${sum.toString(8).padStart(6, "0")}\0`), SUM);
  return block;
}

/** @param {Bytes} data */
function isBlank(data) {
  return data.every((byte) => byte === 0);
}

/** @returns {never} */
function refuse() {
  throw new Refused("ArchiveRefused");
}
