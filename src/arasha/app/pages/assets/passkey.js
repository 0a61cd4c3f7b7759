// A passkey is made or used by the browser alone: this module hands it what the page was given to
// ask (data-options) and puts its answer into the form, which goes its usual way. Where the browser
// knows no passkeys the button stays hidden.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  read.excludeCredentials = named(options.excludeCredentials);
  read.allowCredentials = named(options.allowCredentials);
  return read;
}

function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature",
    "userHandle"]) {
    const found = credential.response[name];
    if (found) response[name] = text(found);
  }
  const id = text(credential.rawId);
  return { id, rawId: id, type: credential.type, response, clientExtensionResults: {} };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const publicKey = asked(JSON.parse(form.dataset.options));
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const found = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      form.elements.answer.value = JSON.stringify(told(found));
      form.requestSubmit();
    } catch {
      failed.hidden = false; // the person said no, or the authenticator did not know them
    }
  });
}
