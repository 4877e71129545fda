// @ts-check
/**
 * Keeps one page readable without network: the one that the person saw, with its files. It keeps nothing that no page
 * asked it to keep, asks the network first, and forgets everything at once when it is told to.
 */

const NAME = "page";
const PATIENCE = 3000; // milliseconds that the network is given while a kept page is at hand

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
let asked = false; // a page stayed long enough to ask for something to be kept
let gone = false; // told to forget: from then on nothing is served from here, whatever is still under way

worker.addEventListener("install", () => void worker.skipWaiting());

worker.addEventListener("activate", (event) => event.waitUntil(begin()));

worker.addEventListener("message", (event) => {
  if (event.data === "clear") event.waitUntil(clear());
  else event.waitUntil(keep(event.data.keep, /** @type {Client} */ (event.source)));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (gone || request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && (url.pathname === "/" || /^\/c\//i.test(url.pathname))) {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});

/** Whoever asked for this worker may have left before it was there. */
async function begin() {
  if (await alone()) return clear();
  setTimeout(async () => !asked && (await alone()) && clear(), PATIENCE); // that page may have been on its way out
  return worker.clients.claim();
}

async function alone() {
  return !(await worker.clients.matchAll({ includeUncontrolled: true })).length;
}

async function clear() {
  gone = true;
  await Promise.all([caches.delete(NAME), worker.registration.unregister()]);
}

/**
 * In place of what was kept before. When the network fails, that stays.
 * @param {string[]} urls
 * @param {Client} asker
 */
async function keep(urls, asker) {
  gone = false;
  asked = true;
  const answers = await Promise.all(urls.map((url) => fetch(url).catch(() => undefined)));
  if (gone) return;
  if (answers.every((answer) => answer?.ok)) await replace(urls, /** @type {Response[]} */ (answers));
  if (await caches.has(NAME)) asker.postMessage(answers[0] ? "kept" : "offline");
  if (gone) await clear();
}

/**
 * @param {string[]} urls
 * @param {Response[]} answers
 */
async function replace(urls, answers) {
  await caches.delete(NAME);
  const cache = await caches.open(NAME);
  await Promise.all(urls.map((url, place) => cache.put(url, answers[place])));
}

/**
 * In any language when the asked one is not there: better than the browser's own error.
 * @param {Request} request
 * @param {boolean} anyLanguage
 */
async function kept(request, anyLanguage) {
  if (gone) return undefined;
  const exact = await caches.match(request, { ignoreVary: true });
  return exact ?? (anyLanguage ? caches.match(request, { ignoreVary: true, ignoreSearch: true }) : undefined);
}

/** @param {Request} request */
async function page(request) {
  const network = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const first = await Promise.race([network.catch(() => undefined), late]);
  if (first && first.status < 500) return first;
  return (await kept(request, true)) ?? network;
}

/**
 * A file's name changes with what is in it.
 * @param {Request} request
 */
async function file(request) {
  return (await kept(request, false)) ?? fetch(request);
}
