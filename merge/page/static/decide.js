// A question stands still while it is read: where it changed meanwhile, that is told beside it.

const told = document.getElementById("meanwhile");

function compare() {
  const now = document.getElementById("asked-now");
  if (told && (!now || now.dataset.seen !== told.dataset.seen)) told.hidden = false;
}

document.addEventListener("redrawn", compare);
