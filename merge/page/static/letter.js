// One letter: its text in the sandbox, or its pages in the browser's own PDF viewer.

import { letterFrame } from "./letter-frame.js";

const words = document.getElementById("words-frame");
const pages = document.getElementById("pages-frame");
const told = document.getElementById("letter-told");

if (words) {
  const shown = letterFrame(words, told);
  let larger = 1;
  for (const button of document.querySelectorAll("[data-larger]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      larger = Math.min(4, Math.max(0.25, larger * Number(button.dataset.larger)));
      shown.post({ larger });
    });
  }
  const show = () => shown.show(words.dataset.from);
  show();
  document.addEventListener("news", show);
}

function say(name) {
  told.hidden = !name;
  told.textContent = name ? told.dataset[name] : "";
}

async function layOut() {
  say("waits");
  const answer = await fetch(pages.dataset.from, { cache: "no-store" });
  if (!answer.ok) return say(answer.status === 409 ? "busy" : "failed");
  await answer.arrayBuffer();
  pages.hidden = false;
  pages.src = `${pages.dataset.from}#toolbar=0&navpanes=0&view=FitH`;
  say("");
}

if (pages) layOut().catch(() => say("failed"));

// Arrow keys lead to the previous and the next letter, where they do nothing else.

addEventListener("keydown", event => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, .table-box")) return;
  const ahead = (document.documentElement.dir === "rtl") === (way < 0);
  document.querySelector(ahead ? "#behind" : "#before")?.click();
});
