// Print: the picture of the pile follows the settings at once.

import { redraw, speak } from "./page.js";

const form = document.getElementById("order");
let waiting;

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(follow, 150);
});

/** Send what is chosen, then draw the screen again; a busy or stopped program is told elsewhere. */
async function follow() {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.choices, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return;
  await redraw();
  speak(document.getElementById("picture-name")?.textContent);
}
