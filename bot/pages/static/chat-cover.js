// @ts-check
/**
 * The bland page that stands here while somebody may read along. What was shown before it never comes back: the talk
 * goes on with the question whether it is safe, once the person asks for that.
 */

import { made } from "./chat-transcript.js";

export class Cover {
  #place;
  #talk;
  #lines;
  #on = false;
  #heard = false; // the server knows

  /** @param {HTMLElement} place @param {HTMLElement} talk what it hides @param {string[]} lines */
  constructor(place, talk, lines) {
    this.#place = place;
    this.#talk = talk;
    this.#lines = lines;
  }

  get on() {
    return this.#on;
  }

  /** At once. */
  show() {
    this.#on = true;
    this.#heard = false;
    const list = this.#list;
    list.replaceChildren(...this.#lines.map((line) => made("li", "", line)));
    this.#talk.hidden = true;
    this.#place.hidden = false;
    /** @type {HTMLElement} */ (this.#place.querySelector("h2")).focus();
    scrollTo(0, 0);
  }

  hide() {
    this.#on = false;
    this.#place.hidden = true;
    this.#talk.hidden = false;
    this.#list.replaceChildren();
  }

  /** A line of bland talk from the server. @param {string} text */
  says(text) {
    this.#heard = true;
    const old = [...this.#list.children].find((line) => line.textContent === text);
    this.#list.prepend(old ?? made("li", "", text));
  }

  /**
   * The server takes messages in their order: until it has answered with bland talk, what comes was under way when the
   * page was covered, and is not shown. What comes later answers what the person did here.
   */
  get opens() {
    return this.#heard;
  }

  get #list() {
    return /** @type {HTMLElement} */ (this.#place.querySelector("ul"));
  }
}
