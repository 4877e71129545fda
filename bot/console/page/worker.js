// @ts-check
/**
 * Where the officer's key lives, away from the page: the page asks, and gets what was asked for and never the key. It is
 * gone with this worker, which the page ends when the officer leaves.
 */

import { openDetached, openReport } from "./envelope.js";
import { openKey } from "./key.js";
import { Refused } from "./refused.js";
import { sign } from "./signed.js";

const LOGIN = "faro/console-login/v1";

/** @type {import("./key.js").Key | null} */
let held = null;

function key() {
  if (!held) throw new Refused("NoKey");
  return held;
}

/** @type {Record<string, (given: any) => Promise<unknown>>} */
const answers = {
  /** Only the public half is told. */
  async unlock({ file, passphrase }) {
    held = await openKey(file, passphrase);
    return { recipient: held.recipient, tag: held.tag, signing: held.signing.public };
  },
  prove: ({ challenge, officer, origin }) => sign({ challenge, ctx: LOGIN, officer, origin }, key().signing),
  open: ({ file, sealers, reportId }) => openReport(file, key(), { sealers, reportId }),
  large: ({ file, name, manifest }) => openDetached(file, name, manifest, key()),
};

addEventListener("message", async ({ data: { number, ask, given } }) => {
  try {
    postMessage({ number, result: await answers[ask](given) });
  } catch (error) {
    // What else went wrong may hold a piece of the key: only that it did is told.
    postMessage({ number, refused: error instanceof Refused ? error.code : "Failed" });
  }
});
