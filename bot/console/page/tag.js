// @ts-check
/** How manifests name a recipient. */

import { sha256, utf8 } from "./bytes.js";

/** The first half of its digest (FORMAT.md, section 1). @param {string} recipient */
export async function tagOf(recipient) {
  return (await sha256(utf8(recipient))).slice(0, 32);
}
