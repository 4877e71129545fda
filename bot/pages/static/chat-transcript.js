// @ts-check
/** What was said, on the screen and nowhere else. Text goes in as text; nothing here is ever read back. */

/** @typedef {Record<string, string>} Words */
/** @typedef {import("./chat-outbox.js").State} State */

const MARGIN = 12; // pixels above what is being read
const NEAR = 8; // pixels from the end that count as the end

export class Transcript {
  /** @type {HTMLButtonElement[]} the choices that stand */
  #choices = [];
  /** @type {HTMLElement | undefined} where reading goes on: what the person said last */
  #mine;
  #log;
  #words;
  #heard;

  /**
   * @param {HTMLElement} log
   * @param {HTMLElement} more shown while something new stands below the screen
   * @param {Words} words
   * @param {{ choose: (title: string, value: string) => void, retry: () => void }} heard
   */
  constructor(log, more, words, heard) {
    this.#log = log;
    this.#words = words;
    this.#heard = heard;
    this.#more = more;
    log.addEventListener("scroll", () => this.#seen(), { passive: true });
    more.addEventListener("click", () => this.#toEnd());
    new ResizeObserver(() => this.#atEnd && this.#toEnd()).observe(log); // a keyboard, or more lines to write in
  }

  #atEnd = true;

  #more;

  /** @param {import("./chat-events.js").Said} said */
  said({ text, buttons, language }) {
    const message = this.#message("theirs", this.#words.they, text);
    if (language) message.lang = language; // it can be changed in the middle of a talk
    if (buttons.length) {
      this.#close();
      message.append(this.#buttons(buttons));
    }
    this.#show(message);
  }

  /** Returns what shows how far it is on its way. @param {string} text */
  wrote(text) {
    const message = this.#message("mine", this.#words.you, text);
    const state = made("span", "state");
    state.setAttribute("aria-live", "off"); // a failure is told by the page's own line of news
    message.append(state);
    this.#mine = message;
    this.#show(message);
    return (/** @type {State} */ how) => this.#mark(message, state, how);
  }

  clear() {
    this.#log.replaceChildren();
    this.#choices = [];
    this.#mine = undefined;
    this.#new(false);
  }

  /** What stood here before the person spoke last. */
  clearBefore() {
    while (this.#mine && this.#log.firstElementChild !== this.#mine) this.#log.firstElementChild?.remove();
  }

  /** @param {HTMLElement} message @param {HTMLElement} state @param {State} how */
  #mark(message, state, how) {
    message.dataset.state = how;
    state.replaceChildren(this.#words[how]);
    if (how !== "failed") return;
    const again = made("button", "again", this.#words.retry);
    again.addEventListener("click", () => this.#heard.retry());
    state.append(again);
  }

  /** @param {string} whose @param {string} who for those who hear the page @param {string} text */
  #message(whose, who, text) {
    const message = made("div", `message ${whose}`);
    const words = made("p", "words");
    words.append(made("span", "unseen", `${who}: `), text);
    message.append(words);
    return message;
  }

  /** @param {[string, string][]} buttons */
  #buttons(buttons) {
    const group = made("div", "choices");
    for (const [title, value] of buttons) {
      const button = made("button", "choice", title);
      button.addEventListener("click", () => this.#choose(button, title, value));
      this.#choices.push(button);
      group.append(button);
    }
    return group;
  }

  /** Once tapped they answer nothing any more; the focus stays where it was. @param {HTMLButtonElement} button @param {string} title @param {string} value */
  #choose(button, title, value) {
    if (button.getAttribute("aria-disabled")) return;
    button.classList.add("chosen");
    button.setAttribute("aria-pressed", "true");
    this.#close();
    this.#heard.choose(title, value);
  }

  #close() {
    for (const button of this.#choices) {
      button.setAttribute("aria-disabled", "true");
      button.tabIndex = -1;
    }
    this.#choices = [];
  }

  /**
   * Scrolls on, but not past the beginning of a long answer, and not away from something older that is being read.
   * @param {HTMLElement} message
   */
  #show(message) {
    this.#log.append(message);
    if (this.#atEnd || message === this.#mine) this.#follow();
    this.#seen();
    this.#new(!this.#atEnd);
  }

  #follow() {
    const end = this.#log.scrollHeight - this.#log.clientHeight;
    const answer = this.#mine ? this.#mine.nextElementSibling ?? this.#mine : this.#log.firstElementChild;
    const reading = /** @type {HTMLElement} */ (answer).offsetTop - this.#log.offsetTop - MARGIN;
    this.#log.scrollTop = Math.min(end, Math.max(reading, 0));
  }

  #seen() {
    this.#atEnd = this.#log.scrollHeight - this.#log.clientHeight - this.#log.scrollTop < NEAR;
    if (this.#atEnd) this.#new(false);
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** @param {boolean} below something new stands below what is seen */
  #new(below) {
    this.#more.hidden = !below;
  }
}

/**
 * An element with a class and a text.
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name @param {string} className @param {string} text
 */
export function made(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  if (element instanceof HTMLButtonElement) element.type = "button";
  return element;
}
