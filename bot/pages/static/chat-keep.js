// @ts-check
/**
 * What the person may let this tab keep, so that the talk outlives a reload: the handle, how far the page has read, and
 * in which language. No word that was said. It goes with the tab, and with every exit.
 */

const NAME = "tab";

/** @typedef {{ handle: string, last: number, covered: boolean, language: string }} Kept */

export class Keep {
  on = false;

  /** What was kept, if anything; from then on it is kept further. @returns {Kept | undefined} */
  found() {
    const kept = storage()?.getItem(NAME);
    if (!kept) return undefined;
    this.on = true;
    return JSON.parse(kept);
  }

  /** Nothing before the person asked for it. @param {Kept} kept */
  save(kept) {
    if (this.on && kept.handle) storage()?.setItem(NAME, JSON.stringify(kept));
  }

  forget() {
    this.on = false;
    storage()?.removeItem(NAME);
  }
}

/** None where the browser keeps it from this page: then nothing can be kept. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
