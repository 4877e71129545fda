// @ts-check
/** The page of the talk: what is shown when, and what leads to what. Each part is a module of its own. */

import { Cover } from "./chat-cover.js";
import { Events } from "./chat-events.js";
import { bytes, kind, LIMIT, size, type } from "./chat-file.js";
import { Keep } from "./chat-keep.js";
import { Line, Refused } from "./chat-line.js";
import { Outbox } from "./chat-outbox.js";
import { made, Transcript } from "./chat-transcript.js";

/** @template {HTMLElement} E @param {string} id @param {new () => E} type @returns {E} */
function part(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(id);
}

const page = {
  talk: part("talk", HTMLElement),
  start: part("start", HTMLElement),
  begin: part("begin", HTMLButtonElement),
  code: part("code", HTMLFormElement),
  keep: part("keep", HTMLInputElement),
  log: part("log", HTMLElement),
  more: part("more", HTMLButtonElement),
  news: part("news", HTMLElement),
  write: part("write", HTMLFormElement),
  words: part("words", HTMLTextAreaElement),
  attach: part("attach", HTMLButtonElement),
  pick: part("pick", HTMLInputElement),
  file: part("file", HTMLElement),
  watched: part("watched", HTMLButtonElement),
  cover: part("cover", HTMLElement),
  aside: part("aside", HTMLFormElement),
  back: part("back", HTMLButtonElement),
};

/** @type {Record<string, string> & { cover_lines: string[] }} */
const words = JSON.parse(page.talk.dataset.words ?? "{}");
const { language = "", placement = "" } = page.talk.dataset;
const SILENCE = 10 * 60_000; // milliseconds; the server asks again whether it is safe after so long
const LOW = 480; // pixels of height; so little is left beside a keyboard

const keep = new Keep();
const line = new Line(language, placement);
const cover = new Cover(page.cover, page.talk, words.cover_lines);
const transcript = new Transcript(page.log, page.more, words, { choose, retry: () => outbox.retry() });
const outbox = new Outbox(send, { reachable, gone });
let events = listening();
/** @type {File | undefined} chosen, and not sent yet */
let chosen;
let reached = true;
let spoke = 0; // when the person said something last
let silent = false; // before that

/** @param {number} last */
function listening(last = 0) {
  return new Events(line, { said, erased, reachable, gone, moved: save }, last);
}

// What the server says.

/** @param {import("./chat-events.js").Said} one */
function said(one) {
  if (one.key.startsWith("cover") || (cover.on && one.key === "exit")) {
    if (!cover.on) hideAll();
    cover.says(one.text);
  } else if (!cover.on || cover.opens) {
    if (cover.on) uncover();
    show(one);
  }
  save();
}

/** @param {import("./chat-events.js").Said} one */
function show(one) {
  if (one.key === "exit") transcript.clear();
  else if (one.key === "utter_ask_safe" && silent) transcript.clearBefore(); // somebody else may look at it by now
  transcript.said(one);
}

/** An exit word was written: nothing of it stays here, and nothing is kept further. */
function erased() {
  transcript.clear();
  keep.forget();
  page.keep.checked = false;
}

/** @param {boolean} yes */
function reachable(yes) {
  if (yes !== reached) news(yes ? words.online : words.offline, yes);
  reached = yes;
}

/** The server takes this handle no more. What was not sent waits for a new talk. */
function gone() {
  events.stop();
  keep.forget();
  line.resume("");
  news(words.ended);
  document.documentElement.classList.remove("talking");
  shown(page.start, true);
  shown(page.write, false);
}

/** One line for everybody, spoken too. @param {string} text @param {boolean} passing */
function news(text, passing = false) {
  page.news.textContent = text;
  if (passing) setTimeout(() => page.news.textContent === text && page.news.replaceChildren(), 4_000);
}

// What the person does.

/** @param {import("./chat-outbox.js").Told & { id: string }} message */
async function send(message) {
  await line.send(message);
  events.start();
  save();
}

/** @param {string} title @param {string} value */
function choose(title, value) {
  tell({ choice: value }, title);
}

/** @param {import("./chat-outbox.js").Told} told @param {string} text as it is shown */
function tell(told, text) {
  silent = spoke > 0 && Date.now() - spoke > SILENCE;
  spoke = Date.now();
  outbox.add(told, transcript.wrote(text));
}

/** A talk from its beginning; what an ended one left unsent goes along. */
function begin() {
  anew();
  if (outbox.waits) outbox.retry();
  else outbox.add({ start: true });
}

function anew() {
  events.stop();
  events = listening();
  enter();
}

function enter() {
  keep.on = page.keep.checked;
  news("");
  document.documentElement.classList.add("talking");
  shown(page.start, false);
  shown(page.log, true);
  shown(page.write, true);
  rest();
}

/** Where writing goes on; on a telephone not in the field, since the keyboard would cover what there is to read. */
function rest() {
  const typed = matchMedia("(hover: hover) and (pointer: fine)").matches;
  (typed ? page.words : page.log).focus({ preventScroll: true });
}

/** @param {SubmitEvent} event */
async function withCode(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (page.code.elements.namedItem("reference"));
  const wrong = /** @type {HTMLElement} */ (page.code.querySelector("[role=alert]"));
  const button = /** @type {HTMLButtonElement} */ (page.code.querySelector("button"));
  wrong.replaceChildren();
  button.disabled = true;
  try {
    await line.begin(field.value);
    field.value = "";
    anew(); // the server says the first word by itself
    events.start();
    save();
  } catch (error) {
    wrong.textContent = codeAnswer(error);
    field.focus();
  } finally {
    button.disabled = false;
  }
}

/** @param {unknown} error */
function codeAnswer(error) {
  if (!(error instanceof Refused)) return words.no_line;
  return error.later ? words.code_busy : words.code_wrong;
}

/** @param {Event} event */
async function write(event) {
  event.preventDefault();
  const text = page.words.value.trim();
  page.words.value = "";
  fit();
  page.words.focus();
  if (chosen) await sendFile(chosen, text);
  else if (text) tell({ text }, text);
}

/** @param {File} file @param {string} text */
async function sendFile(file, text) {
  unchoose();
  const shownAs = [`${words[kind(file)]}, ${size(file)}`, text].filter(Boolean).join("\n");
  try {
    tell({ file: await bytes(file), media_type: type(file), text }, shownAs);
  } catch {
    news(words.unreadable);
  }
}

function picked() {
  const [file] = page.pick.files ?? [];
  page.pick.value = "";
  if (!file) return;
  if (file.size > LIMIT) {
    news(words.too_big);
    return;
  }
  chosen = file;
  const told = /** @type {HTMLElement} */ (page.file.querySelector("p"));
  told.replaceChildren(made("strong", "", `${words[kind(file)]}, ${size(file)}`), made("span", "", kind(file) === "photo" ? words.photo_place : words.other_place));
  shown(page.file, true);
  page.words.focus();
}

function unchoose() {
  chosen = undefined;
  shown(page.file, false);
}

// Somebody is near.

function hideAll() {
  transcript.clear();
  unchoose();
  page.words.value = "";
  news("");
  look(true);
  cover.show();
}

function uncover() {
  look(false);
  cover.hide();
  if (talking()) rest();
}

/** @param {boolean} covered the whole page scrolls then, as a page of tips does */
function look(covered) {
  document.documentElement.classList.toggle("talking", !covered && talking());
  document.documentElement.classList.toggle("covered", covered);
  shown(page.watched, !covered);
}

function watched() {
  hideAll();
  if (talking()) outbox.add({ sign: "watched" });
  save();
}

function back() {
  if (!talking()) {
    uncover();
    return;
  }
  outbox.add({ sign: "resume" });
}

/** The bland page can be written on too. @param {SubmitEvent} event */
function writeAside(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (page.aside.elements.namedItem("line"));
  const text = field.value.trim();
  field.value = "";
  if (!text || !talking()) return;
  outbox.add({ text });
}

function talking() {
  return !page.write.hidden;
}

// What is kept, and the page itself.

function save() {
  keep.save({ handle: line.handle, last: events.last, covered: cover.on, language });
}

function keepOrNot() {
  keep.on = page.keep.checked;
  if (!keep.on) keep.forget();
  save();
  if (talking()) news(keep.on ? words.kept : "", true);
}

/** After a reload, if the person wanted that: the question that stands is put again, or the bland page stays. */
function resume() {
  const kept = keep.found();
  if (!kept) return;
  const other = kept.language !== language && document.querySelector(`nav a[hreflang=${kept.language}]`);
  if (other instanceof HTMLAnchorElement) {
    location.replace(other.href);
    return;
  }
  page.keep.checked = true;
  line.resume(kept.handle);
  events = listening(kept.last);
  enter();
  if (kept.covered) watched();
  else outbox.add({ sign: "resume" });
}

/** @param {HTMLElement} element @param {boolean} yes */
function shown(element, yes) {
  element.hidden = !yes;
}

/** As high as what is written, up to what the style allows. */
function fit() {
  page.words.style.height = "auto";
  page.words.style.height = `${page.words.scrollHeight + 2}px`;
}

/** Above the keyboard, also where the browser lays it over the page. */
function aboveKeyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const resize = () => {
    document.documentElement.style.setProperty("--seen", `${Math.round(seen.height)}px`);
    document.documentElement.classList.toggle("low", seen.height < LOW);
    if (seen.height < innerHeight) scrollTo(0, 0);
  };
  seen.addEventListener("resize", resize);
  resize();
}

/** @param {KeyboardEvent} event */
function enterSends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  page.write.requestSubmit();
}

/** No new line in the history, and nothing in the address. */
function quietAddress() {
  history.replaceState(null, "", location.pathname);
  for (const link of document.querySelectorAll("nav a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const code = placement ? `&c=${placement}` : "";
      location.replace(/** @type {HTMLAnchorElement} */ (link).href + code);
    });
  }
}

quietAddress();
aboveKeyboard();
document.addEventListener("leave", () => {
  document.body.replaceChildren(); // not even in the browser's memory of pages
  events.stop();
  outbox.drop();
  line.leave();
});
page.begin.addEventListener("click", begin);
page.code.addEventListener("submit", withCode);
page.write.addEventListener("submit", write);
page.words.addEventListener("keydown", enterSends);
page.words.addEventListener("input", fit);
page.attach.addEventListener("click", () => page.pick.click());
page.pick.addEventListener("change", picked);
part("unpick", HTMLButtonElement).addEventListener("click", unchoose);
page.keep.addEventListener("change", keepOrNot);
page.watched.addEventListener("click", watched);
page.back.addEventListener("click", back);
page.aside.addEventListener("submit", writeAside);
for (const one of document.querySelectorAll("[data-scripted]")) one.removeAttribute("hidden");
resume();
