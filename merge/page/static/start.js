// Start from letters: each answer is sent at once, and what changes is redrawn in place.

import { redraw, speak } from "./page.js";

const form = () => document.getElementById("found");
let queue = Promise.resolve();

/** Send the form as one of its buttons would; answers wait for each other. */
function send(action) {
  queue = queue.then(async () => {
    const data = new FormData(form());
    data.set("do", action);
    const answer = await fetch(form().action, { method: "POST", body: data, redirect: "manual" });
    if (answer.type !== "opaqueredirect" && !answer.ok) return location.reload();
    if (action !== "change") document.getElementById("words").value = "";
    await redraw();
    speak(document.querySelector("#found [role=alert], #proof").textContent.replace(/\s+/g, " ").trim());
  }).catch(() => location.reload());
}

document.addEventListener("change", event => {
  if (event.target.closest("#found") && !event.target.id.startsWith("words")) send("change");
});

document.addEventListener("submit", event => {
  const pressed = event.submitter;
  if (event.target !== form() || pressed?.value === "create") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  send(pressed?.value ?? "update");
}, true);

// Words that are selected in the letter are offered as a placeholder.

document.addEventListener("selectionchange", () => {
  const chosen = getSelection(), words = chosen.toString().replace(/\s+/g, " ").trim();
  const field = document.getElementById("words");
  if (!field || !words || words.length > 200 || !chosen.anchorNode?.parentElement?.closest(".paper-letter")) return;
  field.value = words;
  document.getElementById("more-words").open = true;
});
