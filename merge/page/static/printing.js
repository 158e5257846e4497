// Print: the picture of the pile follows the settings at once.

import { redraw, speak } from "./page.js";

const form = document.getElementById("order");
let waiting = 0;

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(follow, 150);
});
form?.addEventListener("submit", () => {
  clearTimeout(waiting);
  waiting = 0;
});
addEventListener("pagehide", () => waiting && send()); // the screen is left before the time is over

/** Send what is chosen; the response is null if the program is stopped. */
function send() {
  waiting = 0;
  const body = new URLSearchParams(new FormData(form));
  return fetch(form.dataset.choices, { method: "POST", body, keepalive: true }).catch(() => null);
}

/** Send what is chosen, then draw the screen again; a busy or stopped program is told elsewhere. */
async function follow() {
  const answer = await send();
  if (!answer?.ok) return;
  await redraw();
  speak(document.getElementById("picture-name")?.textContent);
}
