// @ts-check
/** Opens a sealed report and makes every check of FORMAT.md, section 4, in its order; each has its own refusal. */

import { Decrypter } from "./age.js";
import { sha256 } from "./bytes.js";
import { readHeader } from "./header.js";
import { readManifest } from "./manifest.js";
import { Refused } from "./refused.js";
import { verifies } from "./signed.js";
import { unpack } from "./tar.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./header.js").Header} Header */
/** @typedef {import("./key.js").Key} Key */
/** @typedef {import("./manifest.js").Manifest} Manifest */
/** @typedef {{ manifest: Manifest, parts: Map<string, Bytes>, warnings: string[] }} Opened passed every check */

const HYBRID = "mlkem768x25519";
const MANIFEST = "manifest.json";
const SIGNATURE = "manifest.sig";
const NONCE = 16; // bytes
// What the library says of a header that is not for this key, or not the one that was written.
const HEADER_REFUSALS = new Map([
  ["no identity matched any of the file's recipients", "NoMatch"],
  ["invalid header HMAC", "HmacFailure"],
]);

/**
 * @param {Bytes} data @param {Key} key
 * @param {{ sealers: string[], reportId: string }} asked public keys whose signature counts, and the id that was asked for
 * @returns {Promise<Opened>}
 */
export async function openReport(data, key, { sealers, reportId }) {
  const header = reportHeader(data);
  const members = unpack(await decrypted(data, header, key));
  const manifest = await signedManifest(members, sealers);
  const parts = new Map([...members].filter(([name]) => name !== MANIFEST && name !== SIGNATURE));
  if (!(await areThose(parts, manifest.parts))) throw new Refused("PartsDiffer");
  if (manifest.report_id !== reportId) throw new Refused("WrongReport");
  if (!manifest.to.includes(key.tag)) throw new Refused("NotAddressed");
  return { manifest, parts, warnings: warnings(header, manifest) };
}

/** A large attachment out of its file. @param {Bytes} data @param {string} name @param {Manifest} manifest @param {Key} key */
export async function openDetached(data, name, manifest, key) {
  const expected = Object.hasOwn(manifest.detached, name) ? manifest.detached[name] : null;
  const digest = expected && (await sha256(data.subarray(readHeader(data).length)));
  if (!expected || digest !== expected.sha256) throw new Refused("PartsDiffer");
  const members = unpack(await decrypted(data, reportHeader(data), key));
  const found = members.get(name);
  if (members.size !== 1 || found?.length !== expected.len) throw new Refused("PartsDiffer");
  return /** @type {Bytes} */ (found);
}

/** @param {Bytes} data */
function reportHeader(data) {
  const header = readHeader(data);
  const foreign = header.stanzas.some(({ args: [type] }) => type !== HYBRID && !type.endsWith("-grease"));
  if (foreign) throw new Refused("MixedRecipients");
  return header;
}

/**
 * First the header alone, so that each refusal has its name.
 * @param {Bytes} data @param {Header} header @param {Key} key
 */
async function decrypted(data, header, key) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key.identity);
  try {
    await decrypter.decryptHeader(data.subarray(0, header.length));
  } catch (error) {
    throw new Refused(HEADER_REFUSALS.get(error instanceof Error ? error.message : "") ?? "HeaderFailure");
  }
  if (data.length - header.length < NONCE) throw new Refused("HeaderFailure");
  try {
    return await decrypter.decrypt(data);
  } catch {
    throw new Refused("PayloadFailure");
  }
}

/** @param {Map<string, Bytes>} members @param {string[]} sealers */
async function signedManifest(members, sealers) {
  const [first, second] = members.keys();
  const raw = members.get(MANIFEST);
  const signature = members.get(SIGNATURE);
  if (first !== MANIFEST || second !== SIGNATURE || !raw || !signature) throw new Refused("PartsDiffer");
  const found = await Promise.all(sealers.map((sealer) => verifies(sealer, signature, raw)));
  if (!found.includes(true)) throw new Refused("BadSignature");
  return readManifest(raw);
}

/** @param {Map<string, Bytes>} parts @param {Record<string, import("./manifest.js").PartRef>} expected */
async function areThose(parts, expected) {
  if (parts.size !== Object.keys(expected).length) return false;
  for (const [name, part] of parts) {
    const one = Object.hasOwn(expected, name) ? expected[name] : null;
    if (one?.len !== part.length || one.sha256 !== (await sha256(part))) return false;
  }
  return true;
}

/** @param {Header} header @param {Manifest} manifest */
function warnings(header, manifest) {
  const stanzas = header.stanzas.filter(({ args: [type] }) => type === HYBRID).length;
  const found = { practice: manifest.practice, unnamed_reader: stanzas > new Set(manifest.to).size };
  return Object.entries(found).flatMap(([code, holds]) => (holds ? [code] : []));
}
