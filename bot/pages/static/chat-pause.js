// @ts-check
/**
 * Waiting: between tries, longer each time, ended at once when the network is back or somebody asks; and for an answer,
 * no longer than is sensible. (`AbortSignal.any` and `timeout` are missing on telephones of 2022.)
 */

const STEPS = [500, 1_000, 2_000, 4_000, 8_000, 15_000]; // milliseconds

export class Pause {
  /** @type {() => void} */
  #wake = () => undefined;
  #failures = 0;

  constructor() {
    addEventListener("online", () => this.end());
  }

  get failures() {
    return this.#failures;
  }

  reset() {
    this.#failures = 0;
  }

  /** After another failure. @param {number} least milliseconds that the server asked for */
  async after(least = 0) {
    const step = STEPS[Math.min(this.#failures, STEPS.length - 1)];
    this.#failures += 1;
    const spread = step * (0.75 + Math.random() / 2); // so that not everybody comes back at the same moment
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const timer = setTimeout(resolve, Math.max(least, spread));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end() {
    this.#wake();
  }
}

/** Ends what takes too long, unless told again; ends too when `above` does. */
export class Watch {
  #own = new AbortController();
  #timer = 0;
  #above;

  /** @param {number} milliseconds @param {AbortSignal} above */
  constructor(milliseconds, above) {
    this.#above = above;
    if (above.aborted) this.#own.abort();
    above.addEventListener("abort", this.#abort);
    this.again(milliseconds);
  }

  get signal() {
    return this.#own.signal;
  }

  #abort = () => this.#own.abort();

  /** @param {number} milliseconds from now */
  again(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#abort, milliseconds);
  }

  end() {
    clearTimeout(this.#timer);
    this.#above.removeEventListener("abort", this.#abort);
  }
}
