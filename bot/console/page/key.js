// @ts-check
/** An officer's key out of its file (FORMAT.md, section 8). It is never handed on: who holds a `Key` opens and signs with it. */

import { Decrypter, bech32, identityToRecipient } from "./age.js";
import { utf8 } from "./bytes.js";
import { VERSION_LINE, readHeader } from "./header.js";
import { Refused } from "./refused.js";
import { signingKey } from "./signed.js";
import { tagOf } from "./tag.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/**
 * @typedef {object} Key
 * @property {string} identity the secret, as age takes it
 * @property {string} recipient
 * @property {string} tag of the recipient, as manifests name it
 * @property {import("./signed.js").SigningKey} signing
 */

const LONGEST = 64 * 1024; // bytes of a file that are read
const PREFIX = "age-secret-key-pq-";
const SIGNING = "faro/officer-signing/v1";
const NO_MATCH = "no identity matched any of the file's recipients"; // of the library

/** Throws `WrongPassphrase` or `KeyFileRefused`. @param {Bytes} file @param {string} passphrase @returns {Promise<Key>} */
export async function openKey(file, passphrase) {
  const data = file.subarray(0, LONGEST);
  const isSealed = new TextDecoder("latin1").decode(data.subarray(0, VERSION_LINE.length + 1)) === `${VERSION_LINE}\n`;
  const text = new TextDecoder("latin1").decode(isSealed ? await unsealed(data, passphrase) : data);
  const lines = text.split(/\r\n|[\n\v\f\r\x1c-\x1e]/).map((line) => line.trim());
  const secrets = lines.filter((line) => line && !line.startsWith("#"));
  if (secrets.length !== 1) throw new Refused("KeyFileRefused");
  return derived(secrets[0]);
}

/** @param {Bytes} data @param {string} passphrase */
async function unsealed(data, passphrase) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    readHeader(data);
    return await decrypter.decrypt(data);
  } catch (error) {
    throw new Refused(error instanceof Error && error.message === NO_MATCH ? "WrongPassphrase" : "KeyFileRefused");
  }
}

/** @param {string} secret @returns {Promise<Key>} */
async function derived(secret) {
  const seed = seedOf(secret);
  const identity = secret.toUpperCase();
  const recipient = await identityToRecipient(identity);
  return { identity, recipient, tag: await tagOf(recipient), signing: await signingKey(await expanded(seed)) };
}

/** @param {string} secret @returns {Bytes} */
function seedOf(secret) {
  try {
    const { prefix, words } = bech32.decode(secret, false);
    const seed = bech32.fromWords(words);
    if (prefix.toLowerCase() === PREFIX && seed.length === 32) return seed;
  } catch {
    // not Bech32; what the library says would repeat the text
  }
  throw new Refused("KeyFileRefused");
}

/** HKDF-Expand to 32 bytes, which is one block of it (RFC 5869, 2.3). @param {Bytes} seed @returns {Promise<Bytes>} */
async function expanded(seed) {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const block = await crypto.subtle.sign("HMAC", key, new Uint8Array([...utf8(SIGNING), 1]));
  return new Uint8Array(block);
}
