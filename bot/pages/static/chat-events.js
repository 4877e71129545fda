// @ts-check
/**
 * What the server says, in order and each once. Two ways: a stream that `fetch` reads as it comes, and plain questions
 * that the server answers when there is something. The second is chosen when a proxy holds the stream back or cuts it.
 */

import { Refused } from "./chat-line.js";
import { Pause, Watch } from "./chat-pause.js";

/** @typedef {{ text: string, buttons: [string, string][], key: string, language: string }} Said */
/**
 * @typedef {object} Heard
 * @property {(said: Said) => void} said
 * @property {() => void} erased
 * @property {(yes: boolean) => void} reachable
 * @property {() => void} gone the handle is not taken any more
 * @property {(last: number) => void} moved the id of the newest event
 */

const FIRST = 6_000; // milliseconds until a stream that is not held back shows its first byte
const SILENCE = 40_000; // the server says something every 15 seconds
const QUESTION = 40_000; // it answers a plain question within 20
const SHORT = 30_000; // a stream that lives no longer was cut by something on the way
const CUTS = 3;

class HeldBack extends Error {}

export class Events {
  #line;
  #heard;
  #pause = new Pause();
  #ending = new AbortController();
  #plain = false;
  #cuts = 0;
  #running = false;

  /** @param {import("./chat-line.js").Line} line @param {Heard} heard @param {number} last id of the newest known */
  constructor(line, heard, last = 0) {
    this.#line = line;
    this.#heard = heard;
    this.last = last;
  }

  /** Listens until `stop`. */
  start() {
    if (!this.#running) this.#listen();
    this.#pause.end();
  }

  stop() {
    this.#ending.abort();
    this.#pause.end();
  }

  async #listen() {
    this.#running = true;
    while (!this.#ending.signal.aborted) {
      try {
        await (this.#plain ? this.#ask() : this.#stream());
        this.#pause.reset();
      } catch (error) {
        if (this.#ending.signal.aborted) break;
        if (error instanceof Refused && error.gone) {
          this.#heard.gone();
          break;
        }
        if (error instanceof HeldBack) {
          this.#plain = true;
          continue;
        }
        this.#heard.reachable(false);
        await this.#pause.after(error instanceof Refused ? error.wait : 0);
      }
    }
    this.#running = false;
  }

  /** One stream, until it breaks. Raises `HeldBack` when it shows nothing, or was cut too often. */
  async #stream() {
    const watch = new Watch(FIRST, this.#ending.signal);
    let began = 0;
    try {
      const headers = { Accept: "text/event-stream", "Last-Event-ID": String(this.last) };
      const answer = await this.#line.read("/chat/events", headers, watch.signal);
      const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
      const decoder = new TextDecoder();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        began ||= performance.now();
        watch.again(SILENCE);
        this.#reached();
        rest = this.#take(rest + decoder.decode(part.value, { stream: true }));
      }
    } catch (error) {
      if (!began && watch.signal.aborted) throw new HeldBack();
      if (!began) throw error;
    } finally {
      watch.end();
    }
    this.#cut(began);
    await this.#pause.after();
  }

  /** @param {number} began when its first byte came */
  #cut(began) {
    const short = !began || performance.now() - began < SHORT;
    this.#cuts = short ? this.#cuts + 1 : 0;
    if (this.#cuts >= CUTS) throw new HeldBack();
  }

  /** Takes every whole event off the front of the text and returns the rest. @param {string} text */
  #take(text) {
    const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
    const rest = /** @type {string} */ (blocks.pop());
    for (const block of blocks) this.#event(fields(block));
    return rest;
  }

  /** One plain question. */
  async #ask() {
    const watch = new Watch(QUESTION, this.#ending.signal);
    try {
      const address = `/chat/events?after=${this.last}`;
      const answer = await this.#line.read(address, { Accept: "application/json" }, watch.signal);
      const { events } = await answer.json();
      this.#reached();
      for (const one of events) this.#deliver(Number(one.id), one.erase ? "erase" : one.event, one);
    } finally {
      watch.end();
    }
  }

  /** @param {Record<string, string>} one */
  #event({ id, event, data }) {
    if (id !== undefined) this.#deliver(Number(id), event, data ? JSON.parse(data) : {});
  }

  /** @param {number} id @param {string | undefined} event @param {Said} said */
  #deliver(id, event, said) {
    if (id <= this.last) return; // seen before the line broke
    this.last = id;
    this.#heard.moved(id);
    if (event === "erase") this.#heard.erased();
    else this.#heard.said(said);
  }

  #reached() {
    this.#pause.reset();
    this.#heard.reachable(true);
  }
}

/** The lines of one event, by name; comments have none. @param {string} block @returns {Record<string, string>} */
function fields(block) {
  const lines = block.split("\n").map((line) => /^(\w+): ?(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1], found[2]]] : [])));
}
