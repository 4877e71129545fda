// @ts-check
/** Asks the officer whether the directors that the server names are theirs: at first use, and loudly after each change. */

import { grouped, make, show, tell, the, word } from "./dom.js";
import { remember, remembered } from "./trust.js";

/** @typedef {import("./line.js").Named} Named */

/**
 * Until the officer has compared and confirmed them; they are remembered then.
 * @param {Named} named @param {number} version of the roster @returns {Promise<void>}
 */
export function confirmed(named, version) {
  const known = remembered();
  the("trust").classList.toggle("alarm", known !== null);
  tell(the("trust-title"), word(known ? "trust.changed_title" : "trust.first_title"));
  tell(the("trust-text"), word(known ? "trust.changed" : "trust.first"));
  tell(the("trust-threshold"), threshold(named.threshold, known?.threshold));
  the("directors").replaceChildren(...listed(named.directors, known?.directors ?? named.directors));
  const box = /** @type {HTMLInputElement} */ (the("compared"));
  box.checked = false;
  tell(the("trust-wrong"), "");
  show("trust");
  return new Promise((done) => {
    the("trust-form").onsubmit = (event) => {
      event.preventDefault();
      if (!box.checked) return tell(the("trust-wrong"), word("trust.not_compared"));
      remember(named, version);
      done();
    };
  });
}

/** @param {number} now @param {number} [before] */
function threshold(now, before = now) {
  return word("trust.threshold", { n: now }) + (now === before ? "" : ` ${word("trust.threshold_before", { n: before })}`);
}

/** The keys that are named now, then those that are no more. @param {string[]} now @param {string[]} before */
function listed(now, before) {
  const gone = before.filter((key) => !now.includes(key));
  return [
    ...now.map((key) => director(key, before.includes(key) ? "" : "new")),
    ...gone.map((key) => director(key, "gone")),
  ];
}

/** @param {string} key @param {string} state */
function director(key, state) {
  const mark = state && make("strong", { class: "mark" }, word(`trust.${state}`));
  return make("li", { class: state }, make("code", {}, grouped(key)), mark ? " " : null, mark);
}
