// A conflict does not change while it is read. If it changed meanwhile, a notice says so.

const told = document.getElementById("meanwhile");

function compare() {
  const now = document.getElementById("asked-now");
  if (told && (!now || now.dataset.seen !== told.dataset.seen)) told.hidden = false;
}

document.addEventListener("redrawn", compare);
