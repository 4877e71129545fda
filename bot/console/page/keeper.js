// @ts-check
/** The page's side of the worker that holds the key. */

import { Refused } from "./refused.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ recipient: string, tag: string, signing: string }} PublicKey */
/** @typedef {{ done: (value: any) => void, failed: (error: Refused) => void }} Waiting */

const SCRIPT = "/static/worker.js";

const types = /** @type {any} */ (window).trustedTypes;
/** The one script that may be started, whatever is asked for. */
const policy = types?.createPolicy("worker", { createScriptURL: () => SCRIPT });

export class Keeper {
  #number = 0;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #gone = false;
  #worker = new Worker(policy ? policy.createScriptURL(SCRIPT) : SCRIPT, { type: "module" });

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => this.#heard(data));
    this.#worker.addEventListener("error", () => this.forget());
  }

  /**
   * Throws `WrongPassphrase` or `KeyFileRefused`.
   * @param {Bytes} file @param {string} passphrase @returns {Promise<PublicKey>}
   */
  unlock(file, passphrase) {
    return this.#ask("unlock", { file, passphrase });
  }

  /** The signed answer to a challenge. @param {string} challenge @param {string} officer @returns {Promise<Bytes>} */
  prove(challenge, officer) {
    return this.#ask("prove", { challenge, officer, origin: location.origin });
  }

  /** @param {Bytes} file @param {string[]} sealers @param {string} reportId @returns {Promise<import("./envelope.js").Opened>} */
  open(file, sealers, reportId) {
    return this.#ask("open", { file, sealers, reportId });
  }

  /** @param {Bytes} file @param {string} name @param {import("./manifest.js").Manifest} manifest @returns {Promise<Bytes>} */
  large(file, name, manifest) {
    return this.#ask("large", { file, name, manifest });
  }

  /** Ends the worker, and the key with it. */
  forget() {
    this.#gone = true;
    this.#worker.terminate();
    for (const { failed } of this.#waiting.values()) failed(new Refused("Forgotten"));
    this.#waiting.clear();
  }

  /** @param {string} ask @param {object} given @returns {Promise<any>} */
  #ask(ask, given) {
    this.#number += 1;
    const number = this.#number;
    if (this.#gone) return Promise.reject(new Refused("Forgotten"));
    return new Promise((done, failed) => {
      this.#waiting.set(number, { done, failed });
      this.#worker.postMessage({ number, ask, given });
    });
  }

  /** @param {{ number: number, result: unknown, refused?: string }} said */
  #heard({ number, result, refused }) {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (refused) waiting?.failed(new Refused(refused));
    else waiting?.done(result);
  }
}
