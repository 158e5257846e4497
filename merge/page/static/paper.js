// The field for short IDs: each Enter is sent at once, and the field is ready for the next ID.
//
// IDs that are typed or scanned while the program is busy wait here, and are sent later. None is
// lost, and none is marked twice. IDs that cannot be sent return to the field.

import { redraw, speak } from "./page.js";

const form = document.getElementById("typed");
const AGAIN = 1000;
const IDS = /^([0-9a-f#.,;\s]*|.*\d{5}.*)$/i; // IDs alone, or with tracking numbers

if (form) {
  const field = document.getElementById("ids"), note = document.getElementById("queue");
  let waiting = [], isSending = false, isNameTyped = false;

  if (field.value && field.value === asked()) field.select();

  form.addEventListener("submit", event => {
    if (event.submitter && event.submitter.value !== "mark") return;
    const typed = field.value.trim();
    const isName = !IDS.test(typed);
    if (isName && !isSending) return; // a name: the page shows its letters
    event.preventDefault();
    event.stopPropagation();
    isNameTyped = isName; // it stays in the field until the IDs before it are marked
    if (isName) return;
    field.value = "";
    field.focus();
    if (typed) waiting.push(typed);
    send();
  });

  async function send() {
    if (isSending || !waiting.length) return;
    isSending = true;
    while (waiting.length) {
      const some = waiting;
      waiting = [];
      const done = await mark(some.join(" "));
      if (done === "busy") {
        waiting = [...some, ...waiting];
        note.textContent = form.dataset.waiting.replace("{ids}", waiting.join(" "));
        await new Promise(after => setTimeout(after, AGAIN));
      } else if (done === "asked") {
        field.value = [...some, ...waiting, field.value].join(" ").trim();
        form.submit(); // the response says what is wrong with the date
        return;
      } else if (done === "failed") {
        field.value = [...some, ...waiting, field.value].join(" ").trim();
        waiting = [];
        note.textContent = form.dataset.failed;
        speak(form.dataset.failed);
      } else if (document.body.dataset.answer !== undefined) {
        location.assign(document.querySelector("#stages [aria-current]").href);
        return;
      } else {
        note.textContent = "";
        await redraw();
        giveBack();
        tell();
        document.querySelector("#asked > *, #told > *")?.scrollIntoView({ block: "nearest" });
      }
    }
    isSending = false;
    if (isNameTyped && field.value && !IDS.test(field.value)) form.requestSubmit();
    isNameTyped = false;
  }

  async function mark(ids) {
    const data = new URLSearchParams(new FormData(form));
    data.set("ids", ids);
    data.set("do", "mark");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
      if (answer.type === "opaqueredirect") return "done";
      return { 409: "busy", 422: "asked" }[answer.status] ?? "failed";
    } catch {
      return "failed";
    }
  }

  /** Return IDs that match no single letter to the field, to be corrected or replaced. */
  function giveBack() {
    if (waiting.length || field.value) return;
    field.value = asked();
    if (document.activeElement === field) field.select();
  }

  /** Announce the result; what was not marked comes first. */
  function tell() {
    const said = document.querySelectorAll("#asked [data-said], #told [data-said], #errand h2");
    speak(Array.from(said, one => one.dataset.said || one.textContent.trim()).join(". "));
  }
}

function asked() {
  return Array.from(document.querySelectorAll("#asked [data-typed]"), one => one.dataset.typed).join(" ");
}

// Announces that the register was opened in Excel, or closed.

let open = document.getElementById("register")?.dataset.open;
document.addEventListener("redrawn", () => {
  const part = document.getElementById("register");
  if (!part || part.dataset.open === open) return;
  open = part.dataset.open;
  speak(open === "yes" ? part.dataset.opened : part.dataset.closed);
});

// Selects all letters of the pile, or none if all are selected.

document.addEventListener("click", event => {
  if (event.target.id !== "select-all") return;
  const boxes = [...document.querySelectorAll("#pile [name=letter]")];
  const isAny = boxes.some(box => !box.checked);
  for (const box of boxes) box.checked = isAny;
});

if (location.hash === "#pile") document.getElementById("pile-name")?.focus();
document.getElementById("told-pile")?.closest("#pile").scrollIntoView(); // its letters stay in sight
