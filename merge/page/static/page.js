// Script of every screen: polls the status, redraws what changed, reports that the page is closed.
//
// The server renders all texts. If the status has changed, the same address is loaded again, and the
// parts marked `data-live` replace the old ones by their IDs. Focus, caret, open sections and scroll
// position stay. Without JavaScript, users reload the page.

const EAGER = 150, LIVELY = 300, QUIET = 700, HIDDEN = 20000; // milliseconds between two polls

const body = document.body;
document.documentElement.dataset.scripted = ""; // shows what works only with JavaScript
const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), n => n.toString(36)).join("");
let version = Number(body.dataset.version ?? 0);
let asking, lost = 0;
let keys = false; // whether keys were used last: then the focus is visible

addEventListener("keydown", () => {
  keys = true;
  document.querySelector("[data-reached=mouse]")?.removeAttribute("data-reached");
}, true);
addEventListener("pointerdown", () => { keys = false; }, true);

/** Load this address again, and replace the parts that changed; not the answer to a form. */
export function redraw() {
  if (body.dataset.answer !== undefined) return Promise.resolve();
  return new Promise(done => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => {
      const gone = request.status === 410; // the folder is missing; every screen is different then
      if (gone !== (body.dataset.folder === "gone")) location.reload();
      else if (request.status === 200 && request.response) replaceLive(request.response);
      done();
    };
    request.onerror = done;
    request.send();
  });
}

function replaceLive(fresh) {
  const said = news();
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const old = document.getElementById(part.id);
    if (!old || old.dataset.held !== undefined || old.isEqualNode(part)) continue;
    const open = new Set([...old.querySelectorAll("details[open][id]")].map(one => one.id));
    for (const one of part.querySelectorAll("details[id]")) if (open.has(one.id)) one.open = true;
    const focused = old.contains(document.activeElement) && document.activeElement;
    const caret = focused && [focused.selectionStart, focused.selectionEnd];
    const typed = [...old.querySelectorAll("input[id], select[id], textarea[id]")];
    const fields = new Map(typed.map(one => [one.id, [one.value, one.checked]]));
    old.replaceWith(document.adoptNode(part));
    for (const one of part.querySelectorAll("input[id], select[id], textarea[id]"))
      if (fields.has(one.id) && one.type !== "hidden") [one.value, one.checked] = fields.get(one.id);
    if (focused) rest(sameIn(part, focused) ?? part, caret);
  }
  const now = news();
  if (now && now !== said) speak(now);
  showStep();
  document.dispatchEvent(new CustomEvent("redrawn"));
}

/** Scroll the strip of steps to the present one; on a wide screen all are in sight. */
function showStep() {
  const strip = document.querySelector("#steps ol"), step = strip?.querySelector("[aria-current]");
  if (step) strip.scrollLeft += step.getBoundingClientRect().left - strip.getBoundingClientRect().left - strip.clientWidth / 3;
}

addEventListener("click", event => closeMenus(event.target));
addEventListener("keydown", event => { if (event.key === "Escape") closeMenus(); });

/** Close the open menus, but not the one in which something was pressed. */
function closeMenus(pressed = null) {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (pressed && menu.contains(pressed)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

/** Return the element of a new part that corresponds to one of the old part. */
function sameIn(part, element) {
  if (element.id) return document.getElementById(element.id);
  const alike = part.querySelectorAll(element.localName);
  return [...alike].find(one => !one.disabled && one.textContent === element.textContent);
}

/** Move the focus to any element, without scrolling. */
function rest(element, caret = null, preventScroll = true) {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
  document.querySelector("[data-reached]")?.removeAttribute("data-reached");
  element.dataset.reached = keys ? "keys" : "mouse";
  element.focus({ preventScroll });
  if (caret?.[0] != null) try { element.setSelectionRange(...caret); } catch { /* it has no caret */ }
}

/** Return the first notice: the result of a task, or a waiting file. */
function news() {
  const told = document.querySelector("#outcome-name, #held h2, #offers h2, #offers h3");
  return told ? told.textContent.replace(/\s+/g, " ").trim() : "";
}

let speaking, spoken = -Infinity;
const BREATH = 2000; // milliseconds between two announcements

/** Announce a text once to screen readers; of several at a time the last one. */
export function speak(sentence) {
  if (!sentence) return;
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    spoken = performance.now();
    document.getElementById("spoken").textContent = sentence;
    speaking = setTimeout(() => { document.getElementById("spoken").textContent = ""; }, 5 * BREATH);
  }, Math.max(0, spoken + BREATH - performance.now()));
}

async function ask() {
  clearTimeout(asking);
  let pause = QUIET;
  try {
    const answer = await fetch(`${body.dataset.news}?page=${page}`, { cache: "no-store" });
    if (!answer.ok) return leave();
    const news = await answer.json();
    lost = 0;
    if (news.version !== version) {
      version = news.version;
      await redraw();
      document.dispatchEvent(new CustomEvent("news", { detail: news }));
    }
    if (news.errand) {
      pause = LIVELY;
      showErrand(news);
    }
    if (news.near) pause = EAGER;
  } catch {
    return leave();
  }
  asking = setTimeout(ask, document.hidden ? HIDDEN : pause);
}

function showErrand(news) {
  const part = name => document.querySelector(`[data-errand="${name}"]`);
  if (!part("bar")) return;
  for (const name of ["what", "done", "next"]) part(name).textContent = news[name];
  part("then").hidden = !news.next;
  part("bar").value = news.share;
}

/** If the program does not answer, try a few times more, then say so. */
function leave() {
  lost += 1;
  if (lost < 5) asking = setTimeout(ask, 1000);
  else document.getElementById("gone")?.showModal();
}

document.addEventListener("click", event => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    if (!copyFromField(button.dataset.copy)) return;
    button.focus();
  }
  speak(button.dataset.copied ?? "");
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 2000);
}

/** Copy, if the browser does not let the page write to the clipboard directly. */
function copyFromField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

// Changed choices in another form of the screen are sent as well, so that the response keeps them.

addEventListener("submit", event => {
  const form = event.target, other = document.getElementById(form.dataset.with ?? "");
  if (!other || ![...other.elements].some(isChanged)) return;
  const along = form.elements.namedItem(other.id) ?? form.appendChild(document.createElement("input"));
  [along.type, along.name, along.value] = ["hidden", other.id, String(new URLSearchParams(new FormData(other)))];
}, true);

function isChanged(field) {
  if (field.options) return [...field.options].some((one, n) => one.selected !== (one.defaultSelected || n === 0 && !field.querySelector("[selected]")));
  return "checked" in field && field.checked !== field.defaultChecked || "defaultValue" in field && field.value !== field.defaultValue;
}

document.addEventListener("submit", event => {
  // A second press does nothing while the first is being sent.
  const form = event.target;
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 3000);
  if (!event.defaultPrevented) sessionStorage.setItem(SENT, JSON.stringify({ from: around(event.submitter ?? form), keys }));
});

// Restores the position after a form: the response is a new document.

const SENT = "sent-from";

/** Return the IDs of an element and its ancestors, from the inside; no texts, no names. */
function around(element) {
  const ids = [];
  for (let one = element; one && one !== body; one = one.parentElement) if (one.id) ids.push(one.id);
  return ids;
}

/** After a form was sent, move to the notice about it, otherwise to where it was sent from. */
function goOn() {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (!sent || location.hash) return;
  speak(news() || document.querySelector("main [data-said]")?.dataset.said);
  if (document.querySelector("[autofocus]")) return;
  const told = document.querySelector("main [role=alert], #told-pile, #errand > section, #offers > section");
  const { from, keys: byKeys } = JSON.parse(sent);
  keys = byKeys;
  const left = from.map(id => document.getElementById(id)).find(one => one && !one.disabled && one.checkVisibility());
  rest(told ?? left ?? document.getElementById("main"), null, false);
}

goOn();

document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
addEventListener("pagehide", () => navigator.sendBeacon(`${body.dataset.bye}?page=${page}`));
addEventListener("pageshow", event => { if (event.persisted) ask(); });

showStep();
if (body.dataset.news) ask();
