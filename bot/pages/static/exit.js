// @ts-check
/**
 * Leaves the page: by the exit link, or by Escape pressed three times. What the person sees comes first: the page is
 * blank and the browser on its way before anything is cleared, and nothing is waited for. Whoever has more to clear or
 * to send listens to the event "leave" of the document, which comes first of all and must not block.
 */

const PRESSES = 3;
const WITHIN = 5000; // milliseconds from the first press to the last

const link = /** @type {HTMLAnchorElement} */ (document.getElementById("exit"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const label = link.firstChild?.textContent ?? "";
const elsewhere = link.dataset.to ?? link.href;

/** @type {number[]} */
let presses = [];
let left = false;

function leave() {
  document.documentElement.hidden = true;
  left = true;
  document.dispatchEvent(new Event("leave"));
  try {
    clear();
  } finally {
    location.replace(elsewhere);
  }
}

/** Begun and not awaited. The worker goes on clearing when this page is gone. */
function clear() {
  for (const storage of ["localStorage", "sessionStorage"]) {
    try {
      /** @type {any} */ (window)[storage].clear();
    } catch {
      // The browser keeps storage from this page: then nothing lies there.
      continue;
    }
  }
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.controller?.postMessage("clear");
  void caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  void navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())));
}

link.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  const now = performance.now();
  presses = [...presses.filter((time) => now - time < WITHIN), now];
  if (presses.length >= PRESSES) leave();
  else said.textContent = `${label}: ${presses.length}/${PRESSES}`;
});

// "Back" brings a page that was left out of the browser's memory: it leaves again.
addEventListener("pageshow", () => {
  if (left) leave();
});

export {}; // a module by itself, also to those who check its types
