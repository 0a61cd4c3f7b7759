// The console by keyboard alone. A letter presses what bears it (data-key); j and k go up and down
// the rows, x ticks one; / goes to where one writes or chooses, ? tells the keys. Silent where one
// writes, with a modifier, while a dialog is open, and for whoever has switched them off (which the
// service remembers). A letter counts by its key where the layout has no Latin one: Н is Y, Т is N.
// Enter where nothing is chosen says what is to be chosen first, in words of ours.

const areOn = () => !document.body.classList.contains("keys-off");

const writes = (one) =>
  one.isContentEditable || one.matches("input:not([type=radio], [type=checkbox]), textarea, select");

function letter(event) {
  if (/^[a-z?/]$/i.test(event.key)) return event.key.toLowerCase();
  const place = /^Key([A-Z])$/.exec(event.code ?? "");
  return place && !/^[ -~]$/.test(event.key) ? place[1].toLowerCase() : event.key;
}

function step(by) {
  const links = [...document.querySelectorAll("[data-rows] tbody th a")];
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-rows] tbody tr");
  const at = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
}

function tick() {
  document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]")?.click();
}

function press(key) {
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return false;
  if (found.type === "radio") {
    found.checked = true;
    found.dispatchEvent(new Event("change", { bubbles: true }));
    found.form.querySelector("[data-submit]").focus();
  } else {
    found.click();
  }
  return true;
}

function decide() {
  const form = document.querySelector("form.decide");
  if (form?.reportValidity()) form.querySelector("[data-submit]").click();
}

for (const said of document.querySelectorAll("form.decide [data-first]")) {
  const form = said.closest("form");
  form.addEventListener("invalid", (event) => {
    event.preventDefault();
    said.textContent = said.dataset.first;
  }, true);
  form.addEventListener("change", () => (said.textContent = ""));
}

document.addEventListener("keydown", (event) => {
  if (!areOn() || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.defaultPrevented || writes(event.target) || document.querySelector("dialog[open]")) return;
  const key = letter(event);
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "x") tick();
  else if (key === "?") document.getElementById("keys")?.showModal();
  else if (key === "/") document.querySelector('main [data-focus="/"]')?.focus();
  else if (key === "Enter" && event.target.matches("body, main") && !event.repeat) decide();
  else if (!/^[a-z]$/.test(key) || event.repeat || !press(key)) return;
  event.preventDefault();
});
