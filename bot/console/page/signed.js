// @ts-check
/** Signed documents (FORMAT.md, section 6): Ed25519 over canonical JSON. */

import { fromHex, hex, isHex } from "./bytes.js";
import { canonical, hasExactly, isObject, parse } from "./canonical.js";
import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ secret: CryptoKey, public: string }} SigningKey `public`: hexadecimal */

const PRIVATE = fromHex("302e020100300506032b657004220420"); // what stands before a private key in PKCS #8 (RFC 8410)

/**
 * The body of a document, and which of the trusted keys have truly signed it. Throws `NotCanonical`.
 * @param {Bytes} document @param {string} ctx @param {string[]} trusted
 */
export async function signedBy(document, ctx, trusted) {
  const value = parse(document);
  const isOne = hasExactly(value, "body", "signatures") && isObject(value.body) && isObject(value.signatures);
  if (!isOne || value.body.ctx !== ctx) throw new Refused("NotCanonical");
  const data = canonical(value.body);
  /** @type {Set<string>} */
  const signers = new Set();
  for (const key of trusted) {
    const signature = Object.hasOwn(value.signatures, key) ? value.signatures[key] : null;
    if (isHex(signature, 64) && (await verifies(key, fromHex(signature), data))) signers.add(key);
  }
  return { body: value.body, data, signers };
}

/** A document with one signature. @param {import("./canonical.js").Json} body @param {SigningKey} key */
export async function sign(body, key) {
  const signature = await crypto.subtle.sign("Ed25519", key.secret, canonical(body));
  return canonical({ body, signatures: { [key.public]: hex(new Uint8Array(signature)) } });
}

/** Is it this key's signature over these bytes? @param {string} key hexadecimal @param {Bytes} signature @param {Bytes} data */
export async function verifies(key, signature, data) {
  if (!isHex(key, 32)) return false;
  try {
    const known = await crypto.subtle.importKey("raw", fromHex(key), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, signature, data);
  } catch (error) {
    if (error instanceof DOMException && error.name === "DataError") return false; // no point of the curve
    throw error;
  }
}

/** The pair that a private key of 32 bytes belongs to. @param {Bytes} seed @returns {Promise<SigningKey>} */
export async function signingKey(seed) {
  const pkcs8 = new Uint8Array([...PRIVATE, ...seed]);
  const open = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", open); // the one way to the public half
  const text = /** @type {string} */ (x).replaceAll("-", "+").replaceAll("_", "/");
  const secret = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  pkcs8.fill(0);
  return { secret, public: hex(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))) };
}
