// Small pieces that the page is made of. Text only ever becomes text, never markup.

export function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

// Change a text only when it differs, so that nothing is announced or selected away for nothing.
export function tell(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const TOKEN = document.querySelector("meta[name=lab-page-token]").content;

export async function press(path, given = {}) {
  let answer;
  try {
    const sent = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "lab-page-token": TOKEN },
      body: JSON.stringify(given),
    });
    answer = await sent.json();
  } catch {
    answer = { error: "The lab does not answer. Is it still running?" };
  }
  say(answer.error ?? answer.done, Boolean(answer.error));
  document.dispatchEvent(new CustomEvent("pressed"));
  return !answer.error;
}

let hide = 0;

export function say(text, isError = false) {
  const box = document.getElementById("said");
  box.hidden = false;
  box.dataset.error = isError ? "yes" : "no";
  tell(document.getElementById("said-text"), text);
  clearTimeout(hide);
  if (!isError) hide = setTimeout(() => { box.hidden = true; }, 9000);
}

export function address(name, button) {
  return `/phones/${encodeURIComponent(name)}/${button}`;
}

let zone;

export function useZone(name) {
  zone = name;
}

export function inZone(moment, parts) {
  return moment.toLocaleString("en-US", { ...parts, timeZone: zone });
}

export function clockTime(iso) {
  return inZone(new Date(iso), { hour: "numeric", minute: "2-digit", second: "2-digit" });
}
