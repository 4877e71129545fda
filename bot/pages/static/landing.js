// @ts-check
/**
 * What the page can do with a script and does without in another way: no entry of its own in the browser's history, and
 * readable without network unless the person declines.
 */

const DECLINED = "keep"; // in this tab's storage, with the value "no"

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const kept = element("kept");
const notKept = element("kept-not");
const offline = element("offline");

/** @type {ServiceWorkerRegistration | undefined} */
let registration;
let left = false; // also before the worker was there

// --- history: another page of ours takes the place of this one ---------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.id === "exit" || link.origin !== location.origin) return;
  event.preventDefault();
  if (link.hash) element(link.hash.slice(1)).focus();
  else if (navigator.onLine) location.replace(link.href);
  else show(offline, true);
});

// --- without network ----------------------------------------------------------------------------------------------------

/**
 * @param {HTMLElement} part
 * @param {boolean} yes
 */
function show(part, yes) {
  part.hidden = !yes;
}

addEventListener("offline", () => show(offline, true));
addEventListener("online", () => show(offline, false));
show(offline, !navigator.onLine);

/** A browser that asks for trusted types lets no bare text name a script. */
function worker() {
  const types = /** @type {any} */ (window).trustedTypes;
  return types ? types.createPolicy("sw", { createScriptURL: (/** @type {string} */ url) => url }).createScriptURL("/sw.js") : "/sw.js";
}

/** This page as it was seen, and the files that it names. */
function parts() {
  const named = [...document.querySelectorAll("link[href], script[src]")];
  const files = named.map((one) => one.getAttribute("href") ?? one.getAttribute("src"));
  return [location.pathname + location.search, ...files];
}

async function keep() {
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data === "offline") show(offline, true);
    show(kept, true);
  });
  registration = await navigator.serviceWorker.register(worker(), { updateViaCache: "none" });
  if (left) return forget();
  const ready = await navigator.serviceWorker.ready;
  ready.active?.postMessage({ keep: parts() });
}

function forget() {
  const one = registration;
  (one?.active ?? one?.waiting ?? one?.installing)?.postMessage("clear");
  void one?.unregister();
}

/** @returns {boolean} also where the browser keeps storage from this page: then nothing is kept either */
function declined() {
  try {
    return sessionStorage.getItem(DECLINED) === "no";
  } catch {
    return true;
  }
}

element("keep-not").addEventListener("click", () => {
  sessionStorage.setItem(DECLINED, "no");
  forget();
  show(kept, false);
  notKept.textContent = kept.dataset.not ?? "";
  notKept.focus(); // the button that had the focus is gone
});
document.addEventListener("leave", () => {
  left = true;
  forget();
});

// A browser may refuse, or the network go in between: then the page is not kept, and does not say that it is.
if ("serviceWorker" in navigator && !declined()) keep().catch(() => show(kept, false));

export {}; // a module by itself, also to those who check its types
