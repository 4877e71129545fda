// @ts-check
/**
 * The line to the server: a handle, what is sent, and the file that a message carries. The handle lives in this object
 * and is sent in a header: it stands in no address, no cookie and, unless the person asks for it, no storage.
 */

import { Watch } from "./chat-pause.js";

const PATIENCE = 20_000; // milliseconds for a text to be taken
const FILE_PATIENCE = 180_000; // for 20 MB on a slow line

/** The server answered, and not with a yes. */
export class Refused extends Error {
  /** @param {number} status @param {number} wait milliseconds that the server wants, or 0 */
  constructor(status, wait) {
    super(String(status));
    this.status = status;
    this.wait = wait;
  }

  /** Only another time may help, not another message. */
  get later() {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** This handle is not taken (any more). */
  get gone() {
    return this.status === 401 || this.status === 403;
  }
}

export class Line {
  #handle = "";
  #leaving = new AbortController();

  /** @param {string} language @param {string} placement */
  constructor(language, placement) {
    this.language = language;
    this.placement = placement;
  }

  get open() {
    return this.#handle !== "";
  }

  /** For `sessionStorage`, when the person wants that; else nobody asks for it. */
  get handle() {
    return this.#handle;
  }

  /** @param {string} handle one that was kept */
  resume(handle) {
    this.#handle = handle;
  }

  /** A new conversation; with a code, one that follows an earlier talk. Raises `Refused`. @param {string} code */
  async begin(code = "") {
    const asked = code ? { code, language: this.language } : { language: this.language, placement: this.placement };
    this.#handle = String(JSON.parse(await this.#post("/chat/sessions", asked, PATIENCE)).handle);
  }

  /** Returns once the server has committed it. Raises `Refused`, or what `fetch` raises. @param {{id: string, file?: string}} message */
  async send(message) {
    if (!this.open) await this.begin();
    const about = { ...message, language: this.language, placement: this.placement };
    await this.#post("/chat/messages", about, message.file ? FILE_PATIENCE : PATIENCE);
  }

  /** @param {string} address @param {Record<string, string>} headers @param {AbortSignal} signal */
  async read(address, headers, signal) {
    return accepted(await fetch(address, { ...this.#common(headers), signal }));
  }

  /** Everything under way ends, and the exit goes out by itself: the browser carries it on when the page is gone. */
  leave() {
    this.#leaving.abort();
    if (!this.open) return;
    const body = JSON.stringify({ id: crypto.randomUUID(), sign: "exit", language: this.language });
    const last = { ...this.#common({ "Content-Type": "application/json" }), method: "POST", body, keepalive: true };
    fetch("/chat/messages", last).catch(() => undefined); // nobody is here any more to be told
    this.#handle = "";
  }

  /** @param {string} address @param {object} value @param {number} patience */
  async #post(address, value, patience) {
    const watch = new Watch(patience, this.#leaving.signal);
    const options = this.#common({ "Content-Type": "application/json" });
    try {
      const body = JSON.stringify(value);
      const answer = accepted(await fetch(address, { ...options, method: "POST", body, signal: watch.signal }));
      return await answer.text(); // to its end, so that the line is free for the next
    } finally {
      watch.end();
    }
  }

  /** @param {Record<string, string>} headers @returns {RequestInit} */
  #common(headers) {
    const who = this.open ? { Authorization: `Bearer ${this.#handle}` } : undefined;
    const quiet = /** @type {const} */ ({ credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
    return { headers: { ...headers, ...who }, cache: "no-store", ...quiet };
  }
}

/** @param {Response} answer */
function accepted(answer) {
  if (answer.ok) return answer;
  throw new Refused(answer.status, 1000 * (Number(answer.headers.get("Retry-After")) || 0));
}
