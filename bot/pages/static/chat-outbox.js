// @ts-check
/**
 * What the person wrote and the server has not taken yet, in memory only. One after the other, in order, each under an
 * id of its own: the same id a second time has no second effect, so a try whose answer was lost is simply made again.
 */

import { Refused } from "./chat-line.js";
import { Pause } from "./chat-pause.js";

/** @typedef {"sending" | "sent" | "failed" | "too_big"} State */
/** @typedef {{ text?: string, choice?: string, start?: boolean, sign?: string, file?: string, media_type?: string }} Told */
/** @typedef {{ message: Told & { id: string }, mark: (state: State) => void }} Waiting */

export class Outbox {
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {Waiting[]} turned down as they are; tried again only when the person wants it */
  #refused = [];
  #working = false;
  #pause = new Pause();

  /**
   * @param {(message: Told & { id: string }) => Promise<void>} send
   * @param {{ reachable: (yes: boolean) => void, gone: () => void }} heard
   */
  constructor(send, heard) {
    this.#send = send;
    this.#heard = heard;
  }

  #send;
  #heard;

  get waits() {
    return this.#waiting.length > 0;
  }

  /** @param {Told} told @param {(state: State) => void} mark shows how far it is */
  add(told, mark = () => undefined) {
    this.#waiting.push({ message: { ...told, id: crypto.randomUUID() }, mark });
    mark("sending");
    this.#work();
  }

  /** The person does not want to wait. */
  retry() {
    this.#waiting.push(...this.#refused.splice(0));
    for (const { mark } of this.#waiting) mark("sending");
    this.#pause.reset();
    this.#pause.end();
    this.#work();
  }

  /** Nothing of it is sent any more. */
  drop() {
    this.#waiting = [];
    this.#refused = [];
    this.#pause.end();
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    while (this.#waiting.length) {
      const first = this.#waiting[0];
      try {
        await this.#send(first.message);
        this.#done(first, "sent");
        this.#heard.reachable(true);
      } catch (error) {
        if (!(await this.#again(first, error))) break;
      }
    }
    this.#working = false;
  }

  /** @param {Waiting} one @param {State} state */
  #done(one, state) {
    if (this.#waiting[0] === one) this.#waiting.shift();
    this.#pause.reset();
    one.mark(state);
  }

  /** True: go on with what waits. @param {Waiting} one @param {unknown} error */
  async #again(one, error) {
    if (error instanceof Refused && error.gone) {
      this.#failed();
      this.#heard.gone();
      return false; // they stay here, for a conversation that is begun anew
    }
    if (error instanceof Refused && !error.later) {
      if (error.status !== 413) this.#refused.push(one);
      this.#done(one, error.status === 413 ? "too_big" : "failed");
      return true;
    }
    this.#failed();
    this.#heard.reachable(false);
    await this.#pause.after(error instanceof Refused ? error.wait : 0);
    return true;
  }

  #failed() {
    for (const { mark } of this.#waiting) mark("failed");
  }
}
