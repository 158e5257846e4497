// Dropped or chosen files are uploaded one after the other. A list leads to the import.

import { speak } from "./page.js";

const form = document.getElementById("put");
const chosen = document.getElementById("chosen");
const said = document.getElementById("put-said");
let instead = "";

document.documentElement.dataset.scripted = "";

/** Send files, and say why one cannot be sent. The page shows the results of the others. */
async function send(files, instead) {
  const words = form.dataset;
  const wrong = [];
  let next = "";
  for (const file of files) {
    tell(words.working);
    if (file.size > Number(words.most)) {
      wrong.push([file.name, words.large]);
      continue;
    }
    try {
      let answer = await put(file, instead);
      for (let again = 0; again < 4 && answer.status === 409; again++) {
        await new Promise(done => setTimeout(done, 600)); // a short task may be running
        answer = await put(file, instead);
      }
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

function put(file, instead) {
  return fetch(form.dataset.putTo, {
    method: "PUT",
    body: file,
    headers: {
      "Content-Type": "application/octet-stream",
      "X-File-Name": encodeURIComponent(file.name.toWellFormed?.() ?? file.name),
      "X-Instead": encodeURIComponent(instead),
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

// A link to the placeholders opens them.
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();
