// What every screen does: asks for news, draws anew what changed, says goodbye.
//
// The server renders all there is to read. Where it has news, the same address is read again and
// the parts marked `data-live` are put in the place of the old ones, by their ids: focus, caret,
// open details and scrolling stay. Without JavaScript the page works by loading it again.

const EAGER = 150, LIVELY = 300, QUIET = 700, HIDDEN = 20000; // milliseconds between two questions

const body = document.body;
const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), n => n.toString(36)).join("");
let version = Number(body.dataset.version ?? 0);
let asking, lost = 0;
let keys = false; // whether the last thing was done by keys: then the focus is shown

addEventListener("keydown", () => {
  keys = true;
  document.querySelector("[data-reached=mouse]")?.removeAttribute("data-reached");
}, true);
addEventListener("pointerdown", () => { keys = false; }, true);

/** Read this address again, and put the parts that changed in place. */
export function redraw() {
  return new Promise(done => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => {
      const gone = request.status === 410; // the folder; every screen is another one then
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
  document.dispatchEvent(new CustomEvent("redrawn"));
}

/** Return what stands in a new part for an element of the old one. */
function sameIn(part, element) {
  if (element.id) return document.getElementById(element.id);
  const alike = part.querySelectorAll(element.localName);
  return [...alike].find(one => !one.disabled && one.textContent === element.textContent);
}

/** Let the keyboard go on from an element, whatever it is; it is not scrolled to. */
function rest(element, caret = null, preventScroll = true) {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
  document.querySelector("[data-reached]")?.removeAttribute("data-reached");
  element.dataset.reached = keys ? "keys" : "mouse";
  element.focus({ preventScroll });
  if (caret?.[0] != null) try { element.setSelectionRange(...caret); } catch { /* it has no caret */ }
}

/** Return what is told first: what came of an errand, a file that waits. */
function news() {
  const told = document.querySelector("#outcome-name, #held h2, #offers h2, #offers h3");
  return told ? told.textContent.replace(/\s+/g, " ").trim() : "";
}

let speaking, spoken = -Infinity;
const BREATH = 2000; // milliseconds between two sentences

/** Say something once to those who listen to the page; of several at a time the last one. */
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
  const bar = part("bar");
  if (!bar) return;
  part("what").textContent = news.what;
  part("done").textContent = news.told;
  if (news.total) {
    bar.max = news.total;
    bar.value = news.done;
  } else bar.removeAttribute("value");
}

/** The program does not answer: ask a few times more, then say so. */
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

/** Copy where the browser does not let the page write to the clipboard by itself. */
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

// What was chosen in another form of the screen goes along, if it was changed: the answer keeps it.

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
  // A second press while the first is on its way does nothing.
  const form = event.target;
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 3000);
  if (!event.defaultPrevented) sessionStorage.setItem(SENT, JSON.stringify({ from: around(event.submitter ?? form), keys }));
});

// Work goes on where it was: the answer to a form is another document, which knows nothing of it.

const SENT = "sent-from";

/** Return the ids of an element and of what is around it, from the inside; no words, no names. */
function around(element) {
  const ids = [];
  for (let one = element; one && one !== body; one = one.parentElement) if (one.id) ids.push(one.id);
  return ids;
}

/** After a form was sent, go to what is told of it; else to where it was sent from. */
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

if (body.dataset.news) ask();
