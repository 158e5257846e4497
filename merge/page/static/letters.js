// The letters: the matrix, the preview beside it, and the search, without names in addresses.

import { letterFrame } from "./letter-frame.js";
import { redraw, speak } from "./page.js";

const place = document.getElementById("matrix");
const form = document.getElementById("find");
const WIDE = 5;  // Up to so many recipients, columns have room for names

// The matrix.

const at = document.getElementById("matrix-at");
let box, shown;  // The grid's element; the data that it shows
let row = -1, column = -1;  // The cell with the tab stop; -1 is a heading

function marks() {
  const found = new Map();
  for (const one of document.querySelectorAll("#marks [data-mark]"))
    found.set(one.dataset.mark, { symbol: one.dataset.symbol, code: one.dataset.code, word: one.dataset.word });
  return found;
}

function make(tag, role, text, name) {
  const made = document.createElement(tag);
  if (role) made.setAttribute("role", role);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

function head(role, person, kind, text = person[1]) {
  const made = make("div", role, "", kind);
  made.append(make("bdi", "", text));
  made.title = person[1];
  made.setAttribute("aria-label", person[1]);
  made.tabIndex = -1;
  return made;
}

function fill(cell, letter, known) {
  const mark = known.get(letter);
  cell.className = mark ? `cell s-${mark.code}` : "cell";
  const word = mark ? mark.word : letter === "." ? place.dataset.none : "";
  cell.setAttribute("aria-label", word);
  cell.replaceChildren(make("bdi", "", mark ? mark.symbol : "", "symbol"));
}

function build(data) {
  const known = marks(), wide = data.recipients.length <= WIDE;
  const grid = make("div", "grid", "", wide ? "grid wide" : "grid");
  grid.setAttribute("aria-label", place.dataset.title);
  const top = make("div", "row", "", "heads");
  const corner = make("div", "columnheader", place.dataset.signer, "corner");
  corner.tabIndex = -1;
  top.append(corner, ...data.recipients.map(one => head("columnheader", one, "column-head", one[wide ? 1 : 2])));
  grid.append(top);
  data.signers.forEach((one, r) => {
    const line = make("div", "row", "", "line");
    line.append(head("rowheader", one, "row-head"));
    for (const letter of data.rows[r]) {
      const cell = make("div", "gridcell");
      cell.tabIndex = -1;
      fill(cell, letter, known);
      line.append(cell);
    }
    grid.append(line);
  });
  const fresh = make("div", "", "", "grid-box");
  fresh.append(grid);
  if (box) box.replaceWith(fresh);
  else place.append(fresh);
  box = fresh;
  shown = data;
}

/** Draw the matrix; if the people are the same, only the cells that changed. */
function draw(data) {
  const had = box?.contains(document.activeElement);
  const [x, y] = box ? [box.scrollLeft, box.scrollTop] : [0, 0];
  const start = shown ? {} : chosen();
  const signer = start.signer ?? shown?.signers[row]?.[0], recipient = start.recipient ?? shown?.recipients[column]?.[0];
  const same = (one, other) => one.length === other.length && one.every((each, n) => each[0] === other[n][0] && each[1] === other[n][1]);
  if (shown && same(shown.signers, data.signers) && same(shown.recipients, data.recipients)) {
    const known = marks();
    data.rows.forEach((letters, r) => {
      if (letters === shown.rows[r]) return;
      for (let c = 0; c < letters.length; c += 1)
        if (letters[c] !== shown.rows[r][c]) fill(cellAt(r, c), letters[c], known);
    });
    shown = data;
    tell();
    return;
  }
  build(data);
  row = signer ? data.signers.findIndex(one => one[0] === signer) : 0;
  column = recipient ? data.recipients.findIndex(one => one[0] === recipient) : 0;
  if (row < 0 && column < 0) row = column = 0;
  box.scrollTo(x, y);
  markChosen();
  const stop = cellAt(row, column);
  if (!stop) return;
  stop.tabIndex = 0;
  if (had) stop.focus({ preventScroll: true });
  else if (start.letter && location.search.includes("letter=")) stop.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function cellAt(r, c) {
  return box.firstChild.children[r + 1]?.children[c + 1];
}

function whereIs(cell) {
  return [Array.prototype.indexOf.call(cell.parentNode.parentNode.children, cell.parentNode) - 1,
    Array.prototype.indexOf.call(cell.parentNode.children, cell) - 1];
}

function goTo(r, c) {
  const old = cellAt(row, column);
  row = Math.min(Math.max(r, -1), shown.signers.length - 1);
  column = Math.min(Math.max(c, -1), shown.recipients.length - 1);
  if (old) old.tabIndex = -1;
  const now = cellAt(row, column);
  now.tabIndex = 0;
  now.focus();
}

/** Return the address of a cell's letter; empty if there is none. */
function goal(r, c) {
  const signer = shown.signers[r]?.[0], recipient = shown.recipients[c]?.[0];
  if (signer && recipient) {
    if (shown.rows[r][c] === ".") return "";
    return place.dataset.letter.replace("SIGNER", signer).replace("RECIPIENT", recipient);
  }
  if (signer) return `${place.dataset.person}?signer=${signer}`;
  return recipient ? `${place.dataset.person}?recipient=${recipient}` : "";
}

/** Return the name of a letter, from one to another, as on all screens. */
function letterName(names) {
  const parts = place.dataset.pair.split(/\{(signer|recipient)\}/);
  return parts.map((part, n) => n % 2 ? make("bdi", "", names[part]) : part);
}

/** Describe the current cell above the matrix, with a link to its letter. */
function tell(r = row, c = column) {
  const signer = shown.signers[r]?.[1], recipient = shown.recipients[c]?.[1];
  const words = signer && recipient ? letterName({ signer, recipient })
    : [signer, recipient].filter(Boolean).map(name => make("bdi", "", name));
  const path = goal(r, c), cell = cellAt(r, c);
  at.replaceChildren();
  if (!words.length) return;
  const names = make("span");
  names.append(...words);
  at.append(names);
  if (signer && recipient) {
    const mark = marks().get(shown.rows[r][c]);
    const state = make("span", "", "", mark ? `mark s-${mark.code}` : "soft");
    if (mark) state.append(make("bdi", "", mark.symbol, "symbol"), " ");
    state.append(cell.getAttribute("aria-label"));
    at.append(" ", state);
  }
  if (!path) return;
  const link = make("a", "", signer && recipient ? place.dataset.open : place.dataset.theirs);
  link.href = path;
  at.append(" ", link);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };

function onKey(event) {
  if (event.altKey || event.metaKey || !box.contains(event.target)) return;
  const step = STEPS[event.key], mirrored = document.documentElement.dir === "rtl" ? -1 : 1;
  const far = event.ctrlKey;
  if (step && !far) {
    const least = row < 0 && event.key === "PageUp" ? -1 : event.key === "PageUp" ? 0 : -1;
    goTo(Math.max(row + step[0], least), column + step[1] * mirrored);
  } else if (event.key === "Home") goTo(far ? 0 : row, 0);
  else if (event.key === "End") goTo(far ? shown.signers.length - 1 : row, shown.recipients.length - 1);
  else if (event.key === "Enter" || event.key === " ") {
    const path = goal(row, column);
    if (path) location.href = path;
  } else return;
  event.preventDefault();
}

function listen() {
  const cellOf = event => event.target.closest("[role=gridcell], [role=rowheader], [role=columnheader]");
  place.addEventListener("keydown", onKey);
  place.addEventListener("focusin", event => {
    const cell = cellOf(event);
    if (!cell) return;
    const old = cellAt(row, column);
    if (old) old.tabIndex = -1;
    [row, column] = whereIs(cell);
    cell.tabIndex = 0;
    tell();
    if (cell.matches(".cell")) choose(goal(row, column), REST);
  });
  place.addEventListener("mouseover", event => {
    const cell = cellOf(event);
    if (!cell) return;
    tell(...whereIs(cell));
    if (cell.matches(".cell")) cell.title = cell.getAttribute("aria-label");
  });
  for (const kind of ["click", "dblclick"]) place.addEventListener(kind, event => {
    const cell = cellOf(event);
    const path = cell && goal(...whereIs(cell));
    if (!path) return;
    if (event.ctrlKey || event.metaKey) window.open(path);
    else if (kind === "click" && isBeside() && cell.matches(".cell")) choose(path);
    else location.href = path;
  });
}

/** Move to the matrix if it is shown, otherwise to the list. */
document.getElementById("skip-list")?.addEventListener("click", event => {
  if (!box?.checkVisibility()) return;
  event.preventDefault();
  goTo(row, column);
});

async function look() {
  const answer = await fetch(place.dataset.from, { cache: "no-store" });
  if (answer.ok) draw(await answer.json());
}

// The preview beside the letters, on wide screens: a click or an arrow key chooses its letter.

const REST = 200;  // Milliseconds on a letter, until the preview follows the keys
const preview = document.getElementById("preview");
const frame = preview && letterFrame(document.getElementById("words-frame"), document.getElementById("letter-told"));
let choosing, wanted = "";

const isBeside = () => preview?.checkVisibility();
const chosen = () => document.getElementById("preview-facts")?.dataset ?? {};

/** Preview the letter of an address. */
function choose(path, pause = 0) {
  clearTimeout(choosing);
  if (!path || !isBeside() || path === wanted) return;
  choosing = setTimeout(() => {
    wanted = path;
    load(`${path}${path.includes("?") ? "&" : "?"}preview=1`, fresh => {
      const facts = fresh?.getElementById("preview-facts");
      if (!facts || wanted !== path) return;
      document.getElementById("preview-facts").replaceWith(document.adoptNode(facts));
      const address = new URL(location.href);
      address.searchParams.set("letter", facts.dataset.letter);
      history.replaceState(null, "", address);
      markChosen();
      showChosen();
    });
  }, pause);
}

/** Mark the previewed letter in the matrix and in the list. */
function markChosen() {
  const { letter, signer, recipient } = chosen();
  document.querySelector(".cell[aria-selected]")?.removeAttribute("aria-selected");
  document.querySelector("#letters-list a[aria-current]")?.removeAttribute("aria-current");
  document.getElementById(`l${letter}`)?.setAttribute("aria-current", "true");
  const at = (people, id) => people.findIndex(one => one[0] === id);
  if (box) cellAt(at(shown.signers, signer), at(shown.recipients, recipient))?.setAttribute("aria-selected", "true");
}

function showChosen() {
  if (isBeside()) frame.show(chosen().from);
}

for (const kind of ["focusin", "click", "dblclick"]) document.addEventListener(kind, event => {
  const link = event.target.closest("#letters-list th a");
  if (!link || !isBeside() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (kind === "focusin") choose(link.href, REST);
  else if (kind === "dblclick") location.href = link.href;
  else if (event.detail) {  // a mouse; Enter opens the letter
    event.preventDefault();
    choose(link.href);
  }
});

/** Load a page, or send words in a form, and pass on the response. */
function load(path, done, words) {
  const request = new XMLHttpRequest();
  request.open(words ? "POST" : "GET", path);
  request.responseType = "document";
  if (words) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
  request.onload = () => done(request.status === 200 ? request.response : null);
  request.send(words && new URLSearchParams({ words }).toString());
}

if (place) {
  listen();
  look().then(showChosen);
  document.addEventListener("news", look);
} else showChosen();
document.addEventListener("news", showChosen);
matchMedia("(min-width: 68.75rem)").addEventListener("change", showChosen);

// The search: the text is sent by a form, and never in the address.

const list = () => document.getElementById("letters-list");
let waiting, asked = "";

function search() {
  const words = form.elements.words.value.trim();
  if (words === asked) return;
  asked = words;
  if (!words) {
    delete list().dataset.held;
    document.body.classList.remove("searching");
    redraw();
    return;
  }
  load(form.action, page => {
    const found = page?.getElementById("letters-list"), old = list();
    if (!found || asked !== words) return;
    document.body.classList.add("searching");
    old.dataset.held = "";
    const open = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceChildren(...document.adoptNode(found).childNodes);
    if (open) document.getElementById(open)?.focus({ preventScroll: true });
    markChosen();
    speak(old.querySelector("[data-said]")?.textContent.trim());
  }, words);
}

if (form && list()) {
  form.addEventListener("submit", event => { event.preventDefault(); clearTimeout(waiting); search(); });
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 200); });
  document.addEventListener("news", () => { if (asked) { asked = ""; search(); } });
}
