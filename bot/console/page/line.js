// @ts-check
/** What the page asks of the server. The token of the session lives here alone, and goes out in one header alone. */

import { base64, fromBase64 } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ document: Bytes, directors: string[], threshold: number, practice: boolean }} Named */
/** @typedef {{ officer: string, unit: string, idle_seconds: number, seconds: number }} Session */
/** @typedef {{ id: string, tier: string, day: string, size: number, officer: string | null }} Known */
/** @typedef {Known & { practice: boolean, many: boolean }} Listed */

/** An answer that is none: "unreachable", "session" (it has ended), "refused", "gone" or "failed". */
export class Unanswered extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** @type {Record<number, string>} */
const CODES = { 401: "session", 403: "refused", 404: "gone" };

export class Line {
  #token = "";

  /** @returns {Promise<Named>} */
  async roster() {
    const { document, ...named } = await this.#json("GET", "/api/roster");
    return { ...named, document: fromBase64(document) ?? new Uint8Array() };
  }

  /** @returns {Promise<string>} */
  async challenge() {
    return (await this.#json("POST", "/api/challenge", {})).challenge;
  }

  /** @param {Bytes} proof @returns {Promise<Session>} */
  async begin(proof) {
    const { token, ...session } = await this.#json("POST", "/api/session", { proof: base64(proof) });
    this.#token = token;
    return session;
  }

  /** Also when the page is about to be gone: the browser sends it then. */
  end() {
    if (!this.#token) return;
    this.#ask("DELETE", "/api/session", undefined, true).catch(() => {}); // the server ends it by itself, a little later
    this.#token = "";
  }

  /** @returns {Promise<Listed[]>} */
  async reports() {
    return (await this.#json("GET", "/api/reports")).reports;
  }

  /** @param {string} id */
  sealed(id) {
    return this.#bytes(`/api/reports/${id}`);
  }

  /** @param {string} id @param {string} name */
  part(id, name) {
    return this.#bytes(`/api/reports/${id}/parts/${encodeURIComponent(name)}`);
  }

  /** False if somebody had it before. @param {string} id @returns {Promise<boolean>} */
  async acknowledge(id) {
    return (await this.#json("POST", `/api/reports/${id}/acknowledge`, {})).new;
  }

  /** @param {string} path @returns {Promise<Bytes>} */
  async #bytes(path) {
    return new Uint8Array(await (await this.#ask("GET", path)).arrayBuffer());
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #json(method, path, body) {
    const answer = await this.#ask(method, path, body);
    return answer.json().catch(() => {
      throw new Unanswered("failed");
    });
  }

  /** @param {string} method @param {string} path @param {object} [body] @param {boolean} [keepalive] */
  async #ask(method, path, body, keepalive = false) {
    /** @type {Record<string, string>} */
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    if (body) headers["Content-Type"] = "application/json";
    const more = { body: body && JSON.stringify(body), keepalive, cache: /** @type {const} */ ("no-store") };
    const answer = await fetch(path, { method, headers, credentials: "omit", redirect: "error", ...more }).catch(() => {
      throw new Unanswered("unreachable");
    });
    if (!answer.ok) throw new Unanswered(CODES[answer.status] ?? "failed");
    return answer;
  }
}
