// The wire, the pushes and the mail. Newest first; a row that is open stays open.
import { clockTime, make } from "./build.js";

const keep = { wire: new Map(), push: new Map(), mail: new Map() };

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

function quiet(text) {
  return make("p", { class: "empty muted" }, text);
}

function place(pane, name, rows, build, nothing) {
  const known = keep[name];
  const wanted = new Set(rows.map((row) => row.number));
  for (const [number, node] of known) if (!wanted.has(number)) { node.remove(); known.delete(number); }
  if (rows.length === 0) {
    if (!pane.querySelector(".empty")) pane.append(quiet(nothing));
    return;
  }
  pane.querySelector(".empty")?.remove();
  for (const row of rows) {
    if (known.has(row.number)) continue;
    const node = build(row);
    known.set(row.number, node);
    const older = [...known.entries()].filter(([number]) => number < row.number).sort((a, b) => b[0] - a[0])[0];
    if (older) older[1].before(node); else pane.append(node);
  }
}

async function unfold(node, number) {
  const box = node.querySelector(".bodies");
  if (box.childElementCount) return;
  const answer = await fetch(`/wire/${number}`);
  const made = await answer.json();
  if (made.error) { box.append(quiet(made.error)); return; }
  box.append(make("p", { class: "path" }, `${made.method} ${made.path}`));
  for (const [title, text] of [["Phone sent", made.sent], ["Server answered", made.answered]]) {
    box.append(make("h3", {}, title), text ? make("pre", { tabindex: "0", "aria-label": title }, text) : quiet("Nothing."));
  }
}

function wireRow(row) {
  const bad = row.status >= 400;
  const node = make("details", { class: "row" },
    make("summary", {},
      make("span", { class: "when" }, clockTime(row.at)), make("b", {}, row.phone),
      make("span", { class: "flow" }, row.what, make("span", { class: "vh" }, ", answered "),
        make("span", { class: "arrow", "aria-hidden": "true" }, " → "), row.answer || (bad ? "refused" : "nothing more")),
      make("span", { class: "meta" }, `${row.method} `, make("span", { class: bad ? "bad" : "" }, String(row.status)),
        ` · ${size(row.sent_bytes)} up, ${size(row.answer_bytes)} down`)),
    make("div", { class: "bodies" }));
  node.addEventListener("toggle", () => { if (node.open) unfold(node, row.number); });
  return node;
}

function pushRow(row) {
  const bad = row.status !== 200;
  return make("div", { class: "row flat" },
    make("span", { class: "when" }, clockTime(row.at)), make("b", {}, row.phone),
    make("span", { class: "flow" }, row.result),
    make("span", { class: "meta" }, make("span", { class: bad ? "bad" : "" }, String(row.status)), row.reason ? ` ${row.reason}` : ""));
}

// Web addresses in a mail become links; everything else stays text.
function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    index % 2 ? make("a", { href: part, target: "_blank", rel: "noopener" }, part) : part);
}

function mailRow(row) {
  return make("details", { class: "row" },
    make("summary", {}, make("span", { class: "when" }, clockTime(row.at)), make("b", {}, row.subject || "No subject"),
      make("span", { class: "meta" }, `to ${row.to.join(", ")}`)),
    make("div", { class: "bodies" }, make("div", { class: "letter" }, ...withLinks(row.text))));
}

export function showLogs(lab, which) {
  const of = (rows) => rows.filter((row) => !which || row.phone === which).slice(-80);
  place(document.getElementById("pane-wire"), "wire", of(lab.wire), wireRow, "Nothing has gone over the wire yet.");
  place(document.getElementById("pane-push"), "push", of(lab.push), pushRow, "No push yet.");
  place(document.getElementById("pane-mail"), "mail", lab.mails, mailRow, "No mail yet. What Pocketward sends lands here.");
  document.getElementById("n-mail").textContent = lab.mails.length ? `(${lab.mails.length})` : "";
}

// Tabs as a keyboard expects them: arrows move, Home and End jump.
export function startTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const one of tabs) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
    }
    document.getElementById("which").disabled = tab.id === "tab-mail";
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (pressed) => {
      const step = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[pressed.key];
      if (step === undefined) return;
      pressed.preventDefault();
      const next = tabs[(step + tabs.length) % tabs.length];
      next.focus();
      choose(next);
    });
  });
}
