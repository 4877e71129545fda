// @ts-check
/** Makes elements and texts of the page. Text is only ever text: nothing here, and nothing in these files, reads markup. */

/** @typedef {Node | string | null | undefined | false} Child */

/** @type {Record<string, string>} */
const words = JSON.parse(document.body.dataset.words ?? "{}");
export const language = document.documentElement.lang;

/**
 * An element; `onclick` is listened to, `true` is an attribute without a value, `false` none at all.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {Record<string, string | boolean | (() => void)>} attributes @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child instanceof Node || typeof child === "string"));
  return element;
}

/** @param {string} id @returns {HTMLElement} */
export function the(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** A text of words/*.yml with its places filled. @param {string} key @param {Record<string, string | number>} [values] */
export function word(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** Text in place of what the element held. @param {HTMLElement} element @param {string} text */
export function tell(element, text) {
  element.textContent = text;
}

/** Shows this screen and no other, and lets a screen reader begin at its heading. @param {string} id */
export function show(id) {
  const screens = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("main > section"));
  for (const screen of screens) screen.hidden = screen.id !== id;
  const heading = /** @type {HTMLElement | null} */ (the(id).querySelector("h1"));
  document.title = `${heading?.textContent} · Faro`;
  heading?.focus();
  scrollTo(0, 0);
}

/** A day as people of the page's language write it. @param {string} day ISO 8601 */
export function dated(day) {
  const form = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  return form.format(new Date(`${day}T00:00:00Z`));
}

/** @param {number} bytes */
export function sized(bytes) {
  const isSmall = bytes < 1024 * 1024;
  const form = new Intl.NumberFormat(language, { maximumFractionDigits: isSmall ? 0 : 1 });
  return isSmall ? `${form.format(Math.ceil(bytes / 1024))} kB` : `${form.format(bytes / 1024 / 1024)} MB`;
}

/** An id that eyes can follow. @param {string} hex @param {number} size @returns {string} */
export function grouped(hex, size = 8) {
  return (hex.match(new RegExp(`.{1,${size}}`, "g")) ?? []).join(" ");
}
