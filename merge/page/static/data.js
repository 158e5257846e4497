// Dropped or chosen files are uploaded one after the other. A list leads to the import.

import { speak } from "./page.js";

const form = document.getElementById("put");
const chosen = document.getElementById("chosen");
const said = document.getElementById("put-said");
let instead = "";


/** Send files, and say why one cannot be sent. The page shows the results of the others. */
async function send(files, instead) {
  const words = form.dataset;
  const wrong = [];
  let next = "", first = true;
  for (const file of files) {
    tell(words.working);
    if (file.size > Number(words.most)) {
      wrong.push([file.name, words.large]);
      continue;
    }
    try {
      let answer = await put(file, instead, first);
      for (let again = 0; again < 4 && answer.status === 409; again++) {
        await new Promise(done => setTimeout(done, 600)); // a short task may be running
        answer = await put(file, instead, first);
      }
      first = false;
      if (answer.status === 410) return location.reload(); // the campaign's folder is missing
      if (answer.status === 409) wrong.push([file.name, words.busy]);
      else if (answer.status === 413) wrong.push([file.name, words.large]);
      else if (!answer.ok) wrong.push([file.name, words.unread]);
      else next = answer.headers.get("X-Next") ?? words.then ?? next;
    } catch {
      wrong.push([file.name, words.unread]);
    }
  }
  tell(wrong.map(one => one.join(": ")).join("\n"));
  chosen.value = "";
  if (next && !wrong.length) location.assign(next);
}

function tell(sentence) {
  said.textContent = sentence;
  speak(sentence);
}

function put(file, instead, first) {
  return fetch(form.dataset.putTo, {
    method: "PUT",
    body: file,
    headers: {
      "Content-Type": "application/octet-stream",
      "X-File-Name": encodeURIComponent(file.name.toWellFormed?.() ?? file.name),
      "X-Instead": encodeURIComponent(instead),
      ...first && { "X-First": "1" },
    },
  });
}

chosen.addEventListener("change", () => {
  const files = [...chosen.files];
  if (files.length) send(files, instead);
  instead = "";
});
chosen.addEventListener("cancel", () => { instead = ""; });

document.addEventListener("click", event => {
  const button = event.target.closest("[data-put]");
  if (!button) return;
  instead = button.dataset.instead;
  chosen.click();
});

const hasFiles = event => [...(event.dataTransfer?.types ?? [])].includes("Files");

addEventListener("dragover", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", event => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
addEventListener("drop", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("dropping");
  send([...event.dataTransfer.files], "");
});

// The thumbnail of a template that waits: the sandbox only gets its bytes.

const thumbs = () => [...document.querySelectorAll(".thumb")];

addEventListener("message", async event => {
  const frame = thumbs().find(one => one.contentWindow === event.source);
  if (!frame || event.origin !== "null" || !event.data.ready) return;
  const answer = await fetch(frame.dataset.from, { cache: "no-store" });
  if (!answer.ok) return;
  const bytes = await answer.arrayBuffer();
  frame.contentWindow?.postMessage({ bytes }, "*", [bytes]);  // a sandbox has no origin to specify
});

// The address is not an attribute, so that the part stays equal to a fresh one, and is not replaced.
const loaded = new WeakSet();
function load() {
  for (const frame of thumbs()) {
    if (loaded.has(frame)) continue;
    loaded.add(frame);
    frame.contentWindow.location.replace(frame.dataset.frame);
  }
}
document.addEventListener("redrawn", load);
load();

// Search in the placeholders.

const search = document.getElementById("tag-search"), use = document.getElementById("tag-use");
const none = document.getElementById("tags-none");
const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function filterTags() {
  const words = folded(search.value).split(/\s+/).filter(Boolean);
  const groups = [...document.querySelectorAll("#tags [data-group]")];
  for (const group of groups) {
    for (const item of group.querySelectorAll("li")) {
      const text = folded(item.textContent);
      item.hidden = !words.every(word => text.includes(word)) || Boolean(use.value) && item.dataset.used !== use.value;
    }
    group.hidden = !group.querySelector("li:not([hidden])");
  }
  none.textContent = groups.length && groups.every(one => one.hidden) ? none.dataset.none : "";
}
search?.addEventListener("input", filterTags);
use?.addEventListener("change", filterTags);
document.addEventListener("redrawn", () => { if (search?.value || use?.value) filterTags(); });
