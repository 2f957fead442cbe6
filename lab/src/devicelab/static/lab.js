// The page of the lab: asks for everything each second and shows what has changed.
import { address, inZone, make, press, tell, useZone } from "./build.js";
import { showLogs, startTabs } from "./logs.js";
import { makeCard, screenOf } from "./phones.js";

const POLL_MS = 1000;
const cards = new Map();
let lab = null, version = "", isLost = false;
const byId = (id) => document.getElementById(id);

function clinicNow() {
  return new Date(Date.now() + (lab?.offset_seconds ?? 0) * 1000);
}

function ahead(seconds) {
  if (Math.abs(seconds) < 60) return "as on this machine";
  const days = Math.floor(Math.abs(seconds) / 86400), hours = Math.floor((Math.abs(seconds) % 86400) / 3600);
  const parts = [];
  if (days) parts.push(days === 1 ? "1 day" : `${days} days`);
  if (hours) parts.push(hours === 1 ? "1 hour" : `${hours} hours`);
  return `${parts.join(" and ") || "minutes"} ${seconds > 0 ? "ahead of" : "behind"} this machine`;
}

function statement(phones) {
  const count = (test) => phones.filter(test).length;
  const whole = `${phones.length} phones and tablets`;
  const lost = phones.filter((phone) => phone.holder);
  const empty = lost.filter((phone) => screenOf(phone) === "hello").length;
  if (lost.length === 1 && empty) return `${lost[0].name} is erased: a stranger has an empty phone.`;
  if (lost.length === 1) return `${lost[0].name} is in a stranger’s hands.`;
  if (lost.length) return `${lost.length} of ${whole} are in strangers’ hands${empty ? `, ${empty} of them erased` : ""}.`;
  const joining = count((phone) => !phone.enrolled && !phone.erased_times);
  if (joining) return `${phones.length - joining} of ${whole} have joined.`;
  const offline = count((phone) => phone.offline);
  if (offline) return `${whole}, ${offline === 1 ? "one" : offline} of them offline.`;
  return `${whole}, all online.`;
}

function showClock() {
  const now = clinicNow();
  const words = inZone(now, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  tell(byId("now"), words);
  byId("now").dateTime = now.toISOString();
  tell(byId("ahead"), `(${ahead(lab.offset_seconds)})`);
  return inZone(now, { hour: "numeric", minute: "2-digit" }).replace(/ [AP]M/, "");
}

function addPhone(phone) {
  const card = makeCard(phone, lab.people, cards.size);
  cards.set(phone.name, card);
  byId("cards").append(card.node);
  byId("which").append(make("option", {}, phone.name));
  byId("choices").append(make("label", { class: "check" }, make("input", { type: "radio", name: "lost", value: phone.name, required: true }), ` ${phone.name}`));
}

function show() {
  const time = showClock();
  tell(byId("say"), statement(lab.phones));
  byId("product").href = lab.product_url;
  byId("report").href = lab.lost_url;
  if (document.activeElement !== byId("push-drop")) byId("push-drop").checked = lab.push_drop;
  for (const phone of lab.phones) {
    if (!cards.has(phone.name)) addPhone(phone);
    cards.get(phone.name).update(phone, time);
  }
  if (byId("follow").checked) showLogs(lab, byId("which").value);
}

async function ask() {
  try {
    const answer = await fetch(`/state?seen=${version}`);
    isLost = false;
    if (answer.status === 200) {
      const whole = await answer.json();
      [lab, version] = [whole.lab, whole.version];
      useZone(lab.zone);
    }
    if (lab) show();
  } catch {
    if (!isLost) tell(byId("say"), "The lab does not answer. Was it stopped?");
    isLost = true;
  }
}

async function poll() {
  await ask();
  setTimeout(poll, POLL_MS);
}

function startLoss() {
  const dialog = byId("loss");
  byId("lose").addEventListener("click", () => {
    byId("loss-choose").hidden = false;
    byId("loss-next").hidden = true;
    dialog.setAttribute("aria-labelledby", "loss-title");
    dialog.showModal();
  });
  byId("loss-choose").addEventListener("submit", async (sent) => {
    if (sent.submitter?.value !== "leave") return;
    sent.preventDefault();
    const name = new FormData(sent.target).get("lost");
    if (!name || !(await press(address(name, "lose")))) return;
    const phone = lab.phones.find((one) => one.name === name);
    tell(byId("loss-done"), `${name} is in a stranger’s hands`);
    tell(byId("loss-who"), phone.person || phone.name);
    byId("loss-choose").hidden = true;
    byId("loss-next").hidden = false;
    dialog.setAttribute("aria-labelledby", "loss-done");
    byId("loss-done").focus();
  });
  byId("loss-close").addEventListener("click", () => dialog.close());
}

startTabs();
startLoss();
for (const button of document.querySelectorAll("[data-lab]")) {
  button.addEventListener("click", () => press(`/lab/${button.dataset.lab}`));
}
byId("push-drop").addEventListener("change", () => press("/lab/push-drop", { on: byId("push-drop").checked }));
byId("which").addEventListener("change", () => lab && showLogs(lab, byId("which").value));
byId("follow").addEventListener("change", () => lab && show());
byId("said-close").addEventListener("click", () => { byId("said").hidden = true; });
document.addEventListener("pressed", ask);
poll();
