// Import: a preview that follows the choices; the people as tabs; corrections that are all selected.

import { redraw } from "./page.js";

// Match columns: the server applies each choice, and the page shows what follows from it.

const columns = document.getElementById("columns");
let sending = Promise.resolve();

columns?.addEventListener("change", event => {
  if (event.target.name.startsWith("confirm-")) return;
  sending = sending.then(update).catch(() => {});
});

async function update() {
  const body = new FormData(columns);
  body.set("then", "again");
  await fetch(columns.action, { method: "POST", body });
  await redraw();
}

// Review people: links to the parts of the form become tabs. All parts stay in the form.

const list = document.querySelector(".tabs ul");
const tabs = [...document.querySelectorAll(".tabs a")];

function showTab(chosen, focus = false) {
  for (const tab of tabs) {
    const is = tab === chosen;
    tab.setAttribute("aria-selected", is);
    tab.tabIndex = is ? 0 : -1;
    document.querySelector(tab.hash).hidden = !is;
  }
  if (focus) chosen.focus();
}

if (tabs.length) {
  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    const panel = document.querySelector(tab.hash);
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
  }
  showTab(tabs[0]);
  list.addEventListener("click", event => {
    const tab = event.target.closest("a");
    if (!tab) return;
    event.preventDefault();
    showTab(tab);
  });
  list.addEventListener("keydown", event => {
    const at = tabs.indexOf(document.activeElement), last = tabs.length - 1;
    const step = document.dir === "rtl" ? -1 : 1;
    const to = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    showTab(tabs[(to + tabs.length) % tabs.length], true);
  });
}

// "Fix all" selects each correction, and the button counts the people who still need review.

const people = document.getElementById("people");

people?.addEventListener("change", event => {
  const box = event.target, all = people.querySelector(`[data-all="${box.name}"]`);
  if (box.dataset.all) for (const one of people.querySelectorAll(`[name="${box.dataset.all}"]`)) one.checked = box.checked;
  else if (all && !box.checked) all.checked = false;
  countReviews();
});

function countReviews() {
  const button = document.getElementById("write"), left = people?.querySelectorAll("[value=later]:checked").length;
  if (!button?.dataset.words) return;
  button.textContent = left ? button.dataset.words.replace("{}", left) : button.dataset.decided;
}
document.addEventListener("redrawn", countReviews);
countReviews();
