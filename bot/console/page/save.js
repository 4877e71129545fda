// @ts-check
/** Pieces of a report as files: saved by the browser, or shown as a picture from the page's memory. */

import { make } from "./dom.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const LATER = 60_000; // milliseconds until a file that is being saved may leave the memory
/** @type {Record<string, string>} */
const PICTURES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif" };

/** Under a fixed name, as `faro officer open --save` names it. @param {string} id @param {string} name @param {Bytes} data */
export function save(id, name, data) {
  const address = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  make("a", { href: address, download: `${id}.${name.replace("/", "")}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), LATER);
}

/** @param {string} name of an attachment */
export function isPicture(name) {
  return ending(name) in PICTURES;
}

/**
 * An element that shows it; `failed` if it is no picture after all.
 * @param {string} name @param {Bytes} data @param {string} alt @param {() => void} failed
 */
export function picture(name, data, alt, failed) {
  const address = URL.createObjectURL(new Blob([data], { type: PICTURES[ending(name)] }));
  const done = () => URL.revokeObjectURL(address);
  return make("img", { alt, src: address, onload: done, onerror: () => (done(), failed()) });
}

/** @param {string} name */
function ending(name) {
  return name.slice(name.lastIndexOf(".") + 1);
}
