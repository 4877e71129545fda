// @ts-check
/** The officers' page from its first moment to its last: whom to trust, who is there, the list, a report, the end. */

import * as list from "./list.js";
import * as report from "./report.js";
import { confirmed } from "./directors.js";
import { show, tell, the, word } from "./dom.js";
import { Idle } from "./idle.js";
import { Line, Unanswered } from "./line.js";
import { signIn } from "./login.js";
import { plain } from "./plain.js";
import { Refused } from "./refused.js";
import { isUnconfirmed, rosterInForce, rosterOf } from "./trust.js";

/** @typedef {import("./line.js").Listed} Listed */
/** @typedef {import("./roster.js").Roster} Roster */
/** @typedef {import("./login.js").SignedIn & { unit: string }} Present `unit`: its name */

const REFRESH = 240_000; // milliseconds: who reads for long still uses the session, and the server hears of it

const line = new Line();
/** @type {Present | null} */
let here = null;
/** @type {Idle | null} */
let idle = null;
/** @type {Listed | null} */
let looked = null;
let heard = 0;

async function begin() {
  try {
    const named = await line.roster();
    the("practice").hidden = !named.practice;
    const roster = await rosterOf(named);
    if (isUnconfirmed(named)) await confirmed(named, roster.version);
    show("signin");
    enter(await signIn(line, await rosterInForce(named)), roster);
  } catch (error) {
    if (error instanceof Refused) refuse(error);
    else unreachable(error);
  }
}

/** @param {import("./login.js").SignedIn} signed @param {Roster} roster */
function enter(signed, roster) {
  here = { ...signed, unit: plain(roster.units[signed.officer.unit].name) };
  idle = new Idle(signed.session, { warned, ended: leave, used });
  idle.start();
  tell(the("who"), word("who", { officer: signed.officer.id, unit: here.unit }));
  the("who").hidden = the("leave").hidden = false;
  guarded(async () => (await look(), list.back()));
}

/**
 * The key is forgotten, the session ended, and no word of a report stays in the page.
 * @param {"idle" | "long" | "left" | "server"} why
 */
function leave(why) {
  if (!here) return;
  here.keeper.forget();
  idle?.stop();
  line.end();
  here = idle = looked = null;
  report.close();
  the("reports").replaceChildren();
  the("who").hidden = the("leave").hidden = true;
  say("");
  tell(the("why-ended"), word(`ended.${why}`));
  show("ended");
}

// --- what an officer does ---------------------------------------------------------------------------------------------

async function look() {
  const reports = await line.reports();
  heard = Date.now();
  if (here) list.fill(reports, here.unit, { open, have });
  return reports;
}

/** @param {Listed} one */
function open(one) {
  guarded(async () => {
    const { keeper } = present();
    looked = one;
    say("");
    report.opening(one);
    try {
      const sealed = await line.sealed(one.id);
      const roster = await rosterInForce(await line.roster());
      const found = await keeper.open(sealed, roster.sealers, one.id);
      if (looked === one) report.opened(one, sealed, found, roster, acts(one));
    } catch (error) {
      if (!(error instanceof Refused) || error.code === "Forgotten") throw error;
      if (looked === one) report.refused(one, error.code);
    }
  });
}

/** @param {Listed} one @returns {import("./report.js").Acts} */
function acts(one) {
  const large = async (/** @type {string} */ name, /** @type {import("./manifest.js").Manifest} */ manifest) =>
    present().keeper.large(await line.part(one.id, manifest.detached[name].file), name, manifest);
  return { have: () => have(one), large, guarded, say };
}

/** @param {Listed} one */
function have(one) {
  guarded(async () => {
    const isNew = await line.acknowledge(one.id);
    one.officer = (await look()).find(({ id }) => id === one.id)?.officer ?? null;
    if (looked === one) report.taken(one, acts(one));
    else document.getElementById(`open-${one.id}`)?.focus(); // the button that had the focus is gone
    say(word(isNew ? "list.noted" : "list.before"));
  });
}

function all() {
  const id = looked?.id;
  looked = null;
  report.close();
  say("");
  list.back(id);
}

// --- what can go wrong ------------------------------------------------------------------------------------------------

/** Tells what fails in it; ends everything if the server ended the session. @param {() => Promise<void>} work */
async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (!here || (error instanceof Refused && error.code === "Forgotten")) return;
    if (error instanceof Unanswered && error.code === "session") return leave("server");
    const code = error instanceof Unanswered || error instanceof Refused ? error.code : "failed";
    if (looked && !the("text")) report.failed(word(`wrong.${code}`));
    else say(word(`wrong.${code}`));
  }
}

function present() {
  if (!here) throw new Refused("Forgotten");
  return here;
}

/** @param {Refused} error */
function refuse(error) {
  tell(the("why-roster"), word(`roster.${error.detail || error.code}`));
  show("no-roster");
}

/** @param {unknown} error */
function unreachable(error) {
  tell(the("why-unreachable"), word(`wrong.${error instanceof Unanswered ? error.code : "failed"}`));
  show("unreachable");
}

/** @param {string} text */
function say(text) {
  tell(the("news"), text);
}

/** @param {boolean} soon */
function warned(soon) {
  say(soon ? word("ended.soon") : "");
}

function used() {
  if (!here || Date.now() - heard < REFRESH) return;
  heard = Date.now();
  guarded(async () => void (await look()));
}

function again() {
  location.reload(); // also what the page itself still remembers is gone then
}

the("leave").addEventListener("click", () => leave("left"));
the("back").addEventListener("click", all);
the("again").addEventListener("click", () => guarded(async () => (await look(), say(word("list.looked")))));
for (const button of document.querySelectorAll(".begin")) button.addEventListener("click", again);
addEventListener("pagehide", () => leave("left"));
addEventListener("pageshow", (event) => event.persisted && again());

/** Ed25519 came to browsers in 2023 (Safari), 2024 (Firefox) and 2025 (Chrome, Edge); all of it needs https or this machine. */
async function isAble() {
  if (!isSecureContext || !("subtle" in crypto) || typeof Worker !== "function") return false;
  return crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]).then(() => true, () => false);
}

isAble().then((able) => (able ? begin() : show("old")));
