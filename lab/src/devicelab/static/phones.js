// One card a phone: the phone as it looks, what it is, and what its holder or bad luck can do to it.
import { address, make, press, tell } from "./build.js";

const FAULTS = [
  ["not_now_while_locked", "Says NotNow while it is locked"],
  ["repeat_replies", "Sends every reply twice"],
  ["lose_next_replies", "Loses its next reply"],
  ["erase_but_come_back", "Says it is erased, and comes back"],
];
const APP_NAMES = { "org.example.harbor-records": "Harbor Records", "org.example.harbor-messages": "Messages" };
const FITS = 75;
const PAGES = [["/notes", "Notes"], ["/calendar", "Calendar"], ["/billing", "Billing"]];

export function screenOf(phone) {
  if (!phone.enrolled && phone.erased_times > 0) return "hello";
  if (phone.lost_mode) return "lost";
  if (phone.locked) return "locked";
  if (phone.records) return phone.records.state === "open" ? "open" : "refused";
  return "home";
}

function kindName(phone) {
  return phone.kind === "ipad" ? "iPad" : "iPhone";
}

function describeScreen(phone) {
  const said = {
    hello: "Hello. It is as new: nothing of the practice is on it.",
    lost: `Lost mode: ${phone.lost_mode?.Message ?? ""} ${phone.lost_mode?.PhoneNumber ?? ""}`,
    locked: `Locked. ${phone.lock_message}`,
    open: `${phone.records?.say ?? ""}: records are open`,
    refused: phone.records?.say ?? "",
    home: "Home screen",
  };
  return `Screen of ${phone.name}. ${said[screenOf(phone)]}`;
}

function homeScreen(phone) {
  const apps = Object.entries(phone.managed_apps).filter(([, status]) => status !== "ManagedButUninstalled");
  const icons = apps.map(([id, status]) => [
    APP_NAMES[id] ?? id.split(".").pop(), status === "Managed" ? "work" : "coming",
  ]);
  for (const label of Object.keys(phone.icons)) icons.push([label, "link"]);
  icons.push(["Photos", "own"]);
  return make("div", { class: "icons" }, ...icons.map(([label, sort]) =>
    make("div", { class: "app", "data-sort": sort }, make("i"), make("span", {}, label))));
}

function glyph(name) {
  return make("span", { class: `gl gl-${name}` });
}

// Whole sentences of a text, as many as the small screen holds; the first one always.
function whatFits(text) {
  let shown = "";
  for (const sentence of text.split(/(?<=[.?!]) /)) {
    if (shown && shown.length + sentence.length >= FITS) break;
    shown += `${shown && " "}${sentence}`;
  }
  return shown;
}

function drawScreen(phone, time) {
  const lost = phone.lost_mode ?? {};
  const draw = {
    hello: () => [make("p", { class: "hello" }, "Hello")],
    lost: () => [
      glyph("lock"), make("p", { class: "big" }, `Lost ${kindName(phone)}`), make("p", {}, lost.Message ?? ""),
      make("p", { class: "call" }, lost.PhoneNumber ?? ""), make("p", {}, phone.sounding ? "Sound is playing" : ""),
    ],
    locked: () => [glyph("lock"), make("p", { class: "time" }, time), make("p", {}, phone.lock_message)],
    open: () => [
      make("p", { class: "bar" }, "Harbor Records"), make("p", { class: "big" }, phone.records.say),
      make("i", { class: "line" }), make("i", { class: "line" }), make("i", { class: "line" }),
    ],
    refused: () => [
      make("p", { class: "bar" }, "Harbor Records"), glyph("closed"),
      make("p", { class: "big" }, phone.records.say), make("p", { class: "clip" }, whatFits(phone.records.lead)),
    ],
    home: () => [homeScreen(phone)],
  };
  return draw[screenOf(phone)]();
}

function recordsFact(phone) {
  if (screenOf(phone) === "hello") return "Nothing on it";
  const seen = phone.records;
  if (!seen) return "Not opened yet";
  const page = PAGES.find(([path]) => path === seen.path)?.[1] ?? seen.path;
  if (seen.state === "open") return `${page} open for ${seen.person}`;
  return `Closed to ${seen.person}`;
}

function readingOf(phone) {
  return phone.records?.state === "refused" ? `${phone.records.person} reads: ${phone.records.lead || phone.records.say}` : "";
}

function marksOf(phone) {
  const marks = [];
  if (phone.holder) marks.push(["stranger", "In a stranger’s hands"]);
  if (phone.lost_mode) marks.push(["lost", "Lost mode"]);
  if (phone.offline) marks.push(["offline", "Offline"]);
  if (!phone.enrolled) marks.push(["offline", phone.erased_times ? "Erased" : "Not enrolled"]);
  return marks;
}

function button(label, phone, name, given = () => ({})) {
  return make("button", { class: "btn small", type: "button", onclick: () => press(address(phone.name, name), given()) }, label);
}

// A button whose word and deed follow the phone's state.
function toggle(phone) {
  const node = make("button", { class: "btn small", type: "button" });
  let deed = "";
  node.addEventListener("click", () => press(address(phone.name, deed)));
  return { node, set(label, name) { tell(node, label); deed = name; } };
}

function morePart(phone, people, id) {
  const who = make("select", { id: `${id}-who` }, ...people.map((name) =>
    make("option", { selected: name === phone.person }, name)));
  const page = make("select", { id: `${id}-page` }, ...PAGES.map(([path, label]) => make("option", { value: path }, label)));
  const link = make("input", { id: `${id}-link`, type: "url", autocomplete: "off", spellcheck: "false" });
  const screen = toggle(phone), network = toggle(phone), hands = toggle(phone);
  const boxes = FAULTS.map(([name, label]) => {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => press(address(phone.name, "misbehave"), { fault: name, on: box.checked }));
    return [name, box, make("label", { class: "check" }, box, ` ${label}`)];
  });
  const node = make("details", { class: "more" }, make("summary", {}, "More", make("span", { class: "vh" }, ` for ${phone.name}`)),
    make("div", {},
      make("div", { class: "btns" }, screen.node, network.node, hands.node),
      make("fieldset", {}, make("legend", {}, "Open the records as"),
        make("div", { class: "pair" }, make("label", { class: "vh", for: who.id }, "Person"), who,
          make("label", { class: "vh", for: page.id }, "Page"), page,
          button("Open", phone, "open-records", () => ({ person: who.value, path: page.value })))),
      make("fieldset", {}, make("legend", {}, "Make it misbehave"), ...boxes.map(([, , label]) => label),
        button("End its push token", phone, "end-token")),
      make("fieldset", {}, make("legend", {}, "Enroll again, same serial"),
        make("label", { class: "small muted", for: link.id }, "Link from Pocketward’s Add a phone"),
        make("div", { class: "pair" }, link, button("Enroll", phone, "enroll", () => ({ url: link.value }))))));
  return { node, update(now) {
    screen.set(now.locked ? "Unlock" : "Lock", now.locked ? "unlock" : "lock");
    network.set(now.offline ? "Bring it online" : "Take it offline", now.offline ? "go-online" : "go-offline");
    hands.set(now.holder ? "It is found" : "Lose this one", now.holder ? "find" : "lose");
    for (const [name, box] of boxes) if (document.activeElement !== box) box.checked = Boolean(now.faults[name]);
  } };
}

export function makeCard(phone, people, number) {
  const id = `phone-${number}`;
  const screen = make("div", { class: "screen" });
  const device = make("div", { class: "device", role: "img", "data-kind": phone.kind }, screen);
  const marks = make("p", { class: "marks" });
  const facts = {};
  const list = make("dl", { class: "facts" });
  for (const name of ["System", "Passcode", "Screen", "Records"]) {
    facts[name] = make("dd");
    list.append(make("dt", {}, name), facts[name]);
  }
  const fault = make("p", { class: "fault small" });
  const passcode = toggle(phone);
  const more = morePart(phone, people, id);
  const open = make("button", { class: "btn small", type: "button", onclick: () =>
    press(address(phone.name, "open-records"), { person: phone.person || people.find((name) => name.startsWith("Ana")) }) }, "Open the records");
  const owner = phone.person || "Shared tablet";
  const reads = make("p", { class: "small" }), doing = make("ol", { class: "small" }), howLong = make("p", { class: "small muted" });
  const check = button("Check this phone now", phone, "check-this-phone");
  const whole = make("a", { class: "small", target: "_blank", rel: "noopener" }, "Open that page", make("span", { class: "vh" }, ` of ${phone.name}`));
  const reading = make("div", { class: "reading", hidden: true }, reads, doing, howLong, make("div", { class: "btns" }, check, whole));
  const checkIn = button("Check in now", phone, "check-in");
  const node = make("article", { class: "card", id, "aria-labelledby": `${id}-name` }, device,
    make("div", { class: "about" },
      make("h2", { id: `${id}-name` }, phone.name),
      make("p", { class: "muted small" }, `${owner} · ${phone.model_name}`),
      marks, list, fault,
      make("div", { class: "btns" }, checkIn, passcode.node, open)),
    reading, more.node);
  let drawn = "";
  return { node, update(now, time) {
    const shape = screenOf(now);
    const key = JSON.stringify([shape, shape === "locked" ? time : "", now.lost_mode, now.lock_message, now.records,
      now.managed_apps, now.icons, now.sounding, now.offline]);
    if (key !== drawn) {
      drawn = key;
      screen.dataset.shows = shape;
      screen.replaceChildren(make("p", { class: "status" }, make("span", {}, now.offline ? "No network" : now.kind === "ipad" ? "Wi-Fi" : "5G"),
        make("span", {}, `${Math.round(now.battery * 100)}%`)), make("div", { class: "shown" }, ...drawScreen(now, time)));
      device.setAttribute("aria-label", describeScreen(now));
    }
    const marked = marksOf(now).map(([, label]) => label).join();
    if (marks.dataset.shows !== marked) {
      marks.dataset.shows = marked;
      marks.replaceChildren(...marksOf(now).map(([sort, label]) => make("span", { class: "mark", "data-sort": sort }, label)));
    }
    tell(facts.System, `${now.kind === "ipad" ? "iPadOS" : "iOS"} ${now.os_version}`);
    tell(facts.Passcode, now.passcode ? "Set" : "None");
    tell(facts.Screen, shape === "hello" ? "As new" : now.locked ? "Locked" : "Unlocked");
    tell(facts.Records, recordsFact(now));
    tell(reads, readingOf(now));
    reading.hidden = !readingOf(now) || shape !== "refused";
    check.hidden = !now.records?.check;
    whole.hidden = !now.records?.url;
    if (now.records?.url) whole.href = now.records.url;
    const todo = now.records?.steps ?? [];
    if (doing.textContent !== todo.join("")) doing.replaceChildren(...todo.map((step) => make("li", {}, step)));
    doing.hidden = !todo.length;
    tell(howLong, now.records?.how_long ?? "");
    for (const node of [checkIn, passcode.node, open]) node.hidden = shape === "hello";
    tell(fault, now.last_error ? `Last trouble: ${now.last_error}` : "");
    passcode.set(now.passcode ? "Remove the passcode" : "Set a passcode", now.passcode ? "remove-passcode" : "set-passcode");
    more.update(now);
  } };
}
