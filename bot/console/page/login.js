// @ts-check
/** Signing in: the key file is opened in the worker, and a challenge of the server is signed there. */

import { tell, the, word } from "./dom.js";
import { Keeper } from "./keeper.js";
import { Unanswered } from "./line.js";
import { Refused } from "./refused.js";
import { owner } from "./roster.js";
import { today } from "./trust.js";

/** @typedef {import("./line.js").Line} Line */
/** @typedef {import("./roster.js").Roster} Roster */
/** @typedef {{ keeper: Keeper, officer: import("./roster.js").Officer, session: import("./line.js").Session }} SignedIn */

const file = /** @type {HTMLInputElement} */ (the("key-file"));
const passphrase = /** @type {HTMLInputElement} */ (the("passphrase"));
const form = /** @type {HTMLFormElement} */ (the("key-form"));

/** Tells the officer what is wrong with what they gave. */
class Wrong extends Error {
  /** @param {string} text */
  constructor(text) {
    super("");
    this.text = text;
  }
}

/**
 * Until it has succeeded; each failure is told beside the form.
 * @param {Line} line @param {Roster} roster @returns {Promise<SignedIn>}
 */
export function signIn(line, roster) {
  tell(the("signin-wrong"), "");
  let busy = false;
  return new Promise((done) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      const signed = await attempt(line, roster);
      busy = false;
      if (signed) done(signed);
    };
  });
}

/** @param {Line} line @param {Roster} roster */
async function attempt(line, roster) {
  tell(the("signin-wrong"), "");
  const keeper = new Keeper();
  try {
    const signed = await steps(keeper, line, roster);
    form.reset();
    return signed;
  } catch (error) {
    keeper.forget();
    tell(the("signin-wrong"), said(error));
    return null;
  } finally {
    tell(the("signin-progress"), "");
  }
}

/** @param {Keeper} keeper @param {Line} line @param {Roster} roster @returns {Promise<SignedIn>} */
async function steps(keeper, line, roster) {
  const chosen = file.files?.[0];
  if (!chosen) throw new Wrong(word("signin.no_file"));
  tell(the("signin-progress"), word("signin.opening"));
  const key = await keeper.unlock(new Uint8Array(await chosen.arrayBuffer()), passphrase.value);
  const officer = owner(roster, key);
  if (!officer) throw new Wrong(word("signin.unknown"));
  if (today() < officer.valid_from || today() > officer.valid_until) {
    throw new Wrong(word("signin.not_today", { from: officer.valid_from, until: officer.valid_until }));
  }
  tell(the("signin-progress"), word("signin.signing"));
  const session = await line.begin(await keeper.prove(await line.challenge(), officer.id));
  return { keeper, officer, session };
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof Wrong) return error.text;
  if (error instanceof Refused) return word(`signin.${error.code}`);
  if (error instanceof Unanswered) return word(`signin.${error.code}`);
  return word("signin.failed");
}
