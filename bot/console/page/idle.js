// @ts-check
/** Ends a session that nobody uses, and every session in the end. By the clock, so that a computer that slept counts too. */

const LOOK = 1_000; // milliseconds
const WARNING = 60; // seconds before the end
const USES = ["pointerdown", "keydown", "wheel", "touchmove"];

export class Idle {
  #began = Date.now();
  #used = Date.now();
  #warned = false;
  #timer = 0;

  /**
   * @param {{ idle_seconds: number, seconds: number }} limits
   * @param {{ warned: (soon: boolean) => void, ended: (why: "idle" | "long") => void, used: () => void }} tell
   */
  constructor(limits, tell) {
    this.limits = limits;
    this.tell = tell;
  }

  start() {
    this.#timer = window.setInterval(() => this.#look(), LOOK);
    for (const use of USES) addEventListener(use, this.#use, { passive: true });
  }

  stop() {
    clearInterval(this.#timer);
    for (const use of USES) removeEventListener(use, this.#use);
  }

  #use = () => {
    this.#look(); // the first touch after a long sleep comes too late
    this.#used = Date.now();
    this.tell.used();
  };

  #look() {
    const unused = (Date.now() - this.#used) / 1000;
    const total = (Date.now() - this.#began) / 1000;
    if (unused >= this.limits.idle_seconds) this.tell.ended("idle");
    else if (total >= this.limits.seconds) this.tell.ended("long");
    const soon = unused >= this.limits.idle_seconds - WARNING;
    if (soon !== this.#warned) this.tell.warned(soon);
    this.#warned = soon;
  }
}
