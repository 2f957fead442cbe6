// Signing in with a passkey, and registering one. The options come from the server in the form itself;
// the answer goes back as an ordinary form field. Nothing is kept.
"use strict";

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function readable(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) read[list] = options[list].map((item) => ({ ...item, id: bytes(item.id) }));
  }
  return read;
}

function answer(credential) {
  const said = credential.response;
  const response = { clientDataJSON: text(said.clientDataJSON) };
  if (said.attestationObject) {
    response.attestationObject = text(said.attestationObject);
    response.transports = said.getTransports ? said.getTransports() : [];
  } else {
    response.authenticatorData = text(said.authenticatorData);
    response.signature = text(said.signature);
    response.userHandle = said.userHandle ? text(said.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function ask(form) {
  const publicKey = readable(JSON.parse(form.dataset.options));
  const make = form.dataset.passkey === "create";
  const wanted = make ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey });
  form.elements.namedItem("credential").value = JSON.stringify(answer(await wanted));
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector("[data-trouble]");
    trouble.hidden = true;
    try {
      await ask(form);
      form.submit();
    } catch (error) {
      trouble.hidden = false;
      trouble.focus();
    }
  });
}
