// @ts-check
/** The textual header of an age file (FORMAT.md, section 2), read as strictly as the program reads it; it opens nothing. */

import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ args: string[], body: string }} Stanza the type is the first of `args`; `body`: a binary string */
/** @typedef {{ stanzas: Stanza[], length: number }} Header `length`: bytes before the payload */

export const VERSION_LINE = "age-encryption.org/v1";
const COLUMNS = 64;
const LIMIT = 4 * 1024 * 1024; // bytes of a header
const MAC = 32; // bytes

/** Throws `HeaderFailure`. @param {Bytes} data @returns {Header} */
export function readHeader(data) {
  const lines = new Lines(data);
  if (lines.next() !== VERSION_LINE) refuse();
  /** @type {Stanza[]} */
  const stanzas = [];
  let line = lines.next();
  for (; line.startsWith("-> "); line = lines.next()) stanzas.push(stanza(line, lines));
  if (!stanzas.length || !line.startsWith("--- ") || decoded(line.slice(4)).length !== MAC) refuse();
  return { stanzas, length: lines.at };
}

class Lines {
  at = 0;

  /** @param {Bytes} data */
  constructor(data) {
    this.data = data;
  }

  /** Without its line feed, a character for each byte. */
  next() {
    const end = this.data.indexOf(10, this.at);
    if (end === -1 || end >= LIMIT) return refuse();
    const line = new TextDecoder("latin1").decode(this.data.subarray(this.at, end));
    this.at = end + 1;
    return line;
  }
}

/** @param {string} line @param {Lines} lines @returns {Stanza} */
function stanza(line, lines) {
  const args = line.slice(3).split(" ");
  if (!args.every((argument) => /^[\x21-\x7e]+$/.test(argument))) refuse();
  const body = [lines.next()];
  while (body[body.length - 1].length === COLUMNS) body.push(lines.next());
  if (body[body.length - 1].length > COLUMNS) refuse();
  return { args, body: decoded(body.join("")) };
}

/** Of canonical Base 64 without padding. @param {string} text */
function decoded(text) {
  if (!/^[A-Za-z0-9+/]*$/.test(text) || text.length % 4 === 1) refuse();
  const data = atob(text);
  if (btoa(data).replace(/=+$/, "") !== text) refuse();
  return data;
}

/** @returns {never} */
function refuse() {
  throw new Refused("HeaderFailure");
}
