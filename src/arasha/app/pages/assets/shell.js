// Around every page of the console: two dialogs in place of two pages, and the seconds in which
// something can be taken back. Ctrl-K opens the way to anywhere: pages, what this page can do, and
// a case by its number; nobody is looked for there.

const palette = document.getElementById("palette");
const field = palette.querySelector("input");
const list = palette.querySelector("ul");
const MOST = 12;

function ways() {
  const found = [];
  for (const one of document.querySelectorAll("main [data-key], .undo [data-key]")) {
    if (one.disabled || one.matches("a[href^='#']")) continue;
    const said = one.labels?.[0] ?? one;
    found.push({ said: words(said), key: one.dataset.key, go: () => one.click(), of: one });
  }
  for (const one of document.querySelectorAll(".mast nav a, .mast .who [data-opens=keys], .views a")) {
    found.push({ said: words(one), go: () => one.click() });
  }
  return found;
}

function words(one) {
  const copy = one.cloneNode(true);
  for (const key of copy.querySelectorAll("kbd, input, .unseen")) key.remove();
  return copy.textContent.trim();
}

function fill() {
  const typed = field.value.trim().toLowerCase();
  const found = ways().filter((one) => one.said.toLowerCase().includes(typed)).slice(0, MOST);
  if (/^c?\d+(\.\d+)?$/.test(typed)) {
    const id = typed.startsWith("c") ? typed : `c${typed}`;
    found.unshift({ said: list.dataset.case.replace("{}", id), go: () => field.form.submit() });
  }
  list.replaceChildren(...found.map(option));
  if (!found.length) {
    const nothing = document.createElement("li");
    nothing.setAttribute("role", "option");
    nothing.setAttribute("aria-disabled", "true");
    nothing.setAttribute("aria-selected", "false");
    nothing.textContent = list.dataset.nothing;
    list.append(nothing);
  }
  choose(found.length ? 0 : -1);
}

function option(way, at) {
  const one = document.createElement("li");
  one.id = `way-${at}`;
  one.setAttribute("role", "option");
  one.textContent = way.said;
  if (way.key) {
    const key = document.createElement("kbd");
    key.textContent = way.key;
    one.append(key);
  }
  one.way = way;
  one.addEventListener("click", () => go(way));
  return one;
}

function choose(at) {
  const options = [...list.querySelectorAll("li:not([aria-disabled])")];
  options.forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  if (options[at]) {
    field.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

function go(way) {
  palette.close();
  if (way.of?.type === "radio") way.of.form.querySelector("[data-submit]")?.focus();
  way.go();
}

function open(name) {
  const dialog = document.getElementById(name);
  if (dialog.open) return;
  dialog.showModal();
  if (dialog === palette) {
    field.value = "";
    fill();
    field.focus();
  }
}

field.addEventListener("input", fill);
palette.addEventListener("keydown", (event) => {
  const options = [...list.querySelectorAll("li:not([aria-disabled])")];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(Math.min(options.length - 1, at + 1));
  else if (event.key === "ArrowUp") choose(Math.max(0, at - 1));
  else if (event.key === "Enter") options[at] && go(options[at].way);
  else return;
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-opens]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.dataset.opens);
  });
}

document.addEventListener("keydown", (event) => {
  const wanted = event.code === "KeyK" || event.key.toLowerCase() === "k";
  if (!wanted || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (document.body.classList.contains("keys-off")) return;
  event.preventDefault();
  document.querySelector("dialog[open]")?.close();
  open("palette");
});

// What waits is told with the seconds that are left, and goes when it is kept.
for (const form of document.querySelectorAll("form[data-left]")) {
  const until = performance.now() + 1_000 * Number(form.dataset.left);
  const shown = form.querySelector("[data-seconds]");
  const timer = setInterval(() => {
    const left = Math.ceil((until - performance.now()) / 1_000);
    shown.textContent = Math.max(0, left);
    if (left > 0) return;
    clearInterval(timer);
    const around = form.parentElement;
    form.remove();
    if (!around.childElementCount) around.remove();
  }, 250);
}
