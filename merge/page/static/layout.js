// Print and Proofread: the layout of letters is checked in the background, while nothing else runs.

function check() {
  const due = document.querySelector("[data-check]");
  if (due) fetch(due.dataset.check, { method: "POST" }).catch(() => {}); // the program was quit
}

check();
document.addEventListener("redrawn", check);
