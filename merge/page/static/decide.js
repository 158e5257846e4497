// A conflict does not change while it is read: a notice says if it changed meanwhile. If the letter
// was opened from here, its new version is shown instead.

import { speak } from "./page.js";

let seen = document.getElementById("compare")?.dataset.seen;

function compare() {
  const told = document.getElementById("meanwhile"), shown = document.getElementById("compare");
  const now = document.getElementById("asked-now")?.dataset.seen;
  if (told) told.hidden = now === shown?.dataset.seen;
  if (shown && shown.dataset.seen !== seen) speak(shown.dataset.said);
  seen = shown?.dataset.seen;
}

document.addEventListener("redrawn", compare);

// Identical paragraphs are opened and closed in both papers.
document.addEventListener("toggle", event => {
  const twin = document.getElementById(event.target.dataset?.twin ?? "");
  if (twin) twin.open = event.target.open;
}, true);
