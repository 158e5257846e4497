// Start from letters: each answer is sent at once, and what changes is redrawn in place.

import { redraw, speak } from "./page.js";

const form = () => document.getElementById("found");
let queue = Promise.resolve(), unsent = 0;
let pressed = Promise.resolve(); // until the pointer is lifted: a button is not redrawn below it

document.addEventListener("pointerdown", () => {
  pressed = new Promise(done => {
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, done, { once: true });
  });
}, true);

/** Send the form as one of its buttons would; answers wait for each other. */
function send(action) {
  unsent += 1;
  queue = queue.then(async () => {
    const data = new FormData(form());
    data.set("do", action);
    const answer = await fetch(form().action, { method: "POST", body: data, redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) return location.reload();
    if (action !== "change") document.getElementById("words").value = "";
    await pressed;
    await redraw();
    speak(document.querySelector("#found [role=alert], #words-found, #proof").textContent.replace(/\s+/g, " ").trim());
  }).catch(() => location.reload()).finally(() => { unsent -= 1; });
}

/** Create the files once the answers have been applied, if that is still possible. */
function create() {
  const button = document.getElementById("create");
  if (!button.disabled && !form().querySelector("[role=alert]")) form().requestSubmit(button);
}

document.addEventListener("change", event => {
  if (event.target.closest("#found") && !event.target.id.startsWith("words")) send("change");
});

document.addEventListener("submit", event => {
  const action = event.submitter?.value ?? "update";
  if (event.target !== form() || action === "create" && !unsent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (action === "create") queue.then(create);
  else send(action);
}, true);

// Words that are selected in the letter are offered as a placeholder.

document.addEventListener("selectionchange", () => {
  const chosen = getSelection(), words = chosen.toString().replace(/\s+/g, " ").trim();
  const field = document.getElementById("words");
  if (!field || !words || words.length > 200 || !chosen.anchorNode?.parentElement?.closest(".paper-letter")) return;
  field.value = words;
  document.getElementById("more-words").open = true;
});
