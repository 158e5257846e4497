// A conflict that changes while it is read is shown as it is now, and a notice says so.

import { speak } from "./page.js";

let seen = document.getElementById("compare")?.dataset.seen;

document.addEventListener("redrawn", () => {
  const now = document.getElementById("compare")?.dataset.seen, notice = document.getElementById("meanwhile");
  if (!notice || now === seen) return;
  seen = now;
  notice.hidden = false;
  speak(notice.textContent);
});

// Identical paragraphs are opened and closed in both papers.
document.addEventListener("toggle", event => {
  const twin = document.getElementById(event.target.dataset?.twin ?? "");
  if (twin) twin.open = event.target.open;
}, true);
