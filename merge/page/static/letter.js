// One letter: its text in the sandbox, or its pages in the browser's own PDF viewer.

const words = document.getElementById("words-frame");
const pages = document.getElementById("pages-frame");
const told = document.getElementById("letter-told");

function say(name) {
  told.hidden = !name;
  told.textContent = name ? told.dataset[name] : "";
}

async function send() {
  const answer = await fetch(words.dataset.from, { cache: "no-store" });
  if (!answer.ok) return say(answer.status === 413 ? "failed" : "gone");
  const bytes = await answer.arrayBuffer();
  words.contentWindow.postMessage({ bytes }, "*", [bytes]);  // a sandbox has no origin to specify
}

if (words) {
  let larger = 1;
  addEventListener("message", event => {
    if (event.source !== words.contentWindow || event.origin !== "null") return;
    if (event.data.ready) send().catch(() => say("gone"));
    if (event.data.shown) {
      say("");
      words.dataset.shown = "";
    }
    if (event.data.failed) say("failed");
  });
  for (const button of document.querySelectorAll("[data-larger]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      larger = Math.min(4, Math.max(0.25, larger * Number(button.dataset.larger)));
      words.contentWindow.postMessage({ larger }, "*");
    });
  }
  document.addEventListener("news", () => send().catch(() => say("gone")));
  words.src = words.dataset.frame;
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
