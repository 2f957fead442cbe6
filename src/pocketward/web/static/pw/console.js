// What the console adds to plain pages: Ctrl K, dialogs that open in place, and a way back for focus.
// Every page works without it; links and forms then do the same in a few more steps.
"use strict";

function open(dialog) {
  if (dialog instanceof HTMLDialogElement && !dialog.open) {
    dialog.showModal();
    const first = ["[aria-invalid]", "[data-safe]", "input:not([type=hidden]), button"]
      .map((wanted) => dialog.querySelector(wanted)).find(Boolean);
    if (first) first.focus();
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(document.getElementById(opener.dataset.opens));
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
  const copier = event.target.closest("[data-copies]");
  if (copier && navigator.clipboard) {
    navigator.clipboard.writeText(document.getElementById(copier.dataset.copies).textContent.trim());
    copier.querySelector("[data-said]").textContent = copier.dataset.done;
  }
});

// Down goes from the field to the first result and on, Up back to the field; the focus itself moves, so a
// screen reader says each result as the link it is.
function step(event, palette) {
  const stops = [...palette.querySelectorAll("input[type=search], #found a")];
  const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open(document.getElementById("palette"));
  }
  if (["ArrowDown", "ArrowUp"].includes(event.key) && event.target.closest) {
    const palette = event.target.closest("#palette");
    if (palette) step(event, palette);
  }
  // A search field would only be emptied by Escape; here it leaves.
  if (event.key === "Escape" && event.target.closest && event.target.closest("dialog[open]")) {
    event.preventDefault();
    event.target.closest("dialog[open]").close();
  }
});

// A part that renews itself waits while nobody sees it, or somebody types in it, has unfolded it, or is in it
// by keyboard.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt;
  if (!(part.getAttribute("hx-trigger") || "").startsWith("every")) return;
  if (document.hidden || part.querySelector("details[open], :focus-visible")) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-picks-all]");
  if (all) {
    for (const box of document.querySelectorAll('input[name="pick"]')) box.checked = all.checked;
  }
  if (event.target.closest("[data-picks-all], input[name='pick']")) countPicks();
});

// The bulk bar names what is picked. What is acted on is the list the server froze, not this text.
function countPicks() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const picked = [...document.querySelectorAll('input[name="pick"]:checked')];
  for (const box of document.querySelectorAll('input[name="pick"]')) {
    box.closest("tr").setAttribute("aria-selected", String(box.checked));
  }
  bar.hidden = picked.length === 0;
  bar.querySelector("[data-names]").textContent = picked.map((box) => box.dataset.name).join(", ");
  bar.querySelector("[data-count]").textContent = String(picked.length);
}

document.addEventListener("DOMContentLoaded", countPicks);

// What a dialog sent was refused: it stands open again, with what was typed.
document.addEventListener("DOMContentLoaded", () => open(document.querySelector("dialog[data-open-now]")));

// On a narrow screen a row of tabs scrolls; the one that is open is brought into sight.
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".pw-tabs [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 16;
});
