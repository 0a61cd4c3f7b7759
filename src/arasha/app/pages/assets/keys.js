// The console by keyboard alone. A letter presses what bears it (data-key); j and k go up and down
// the rows; / goes to the note, ? tells the keys. Silent where one writes, with a modifier, and
// where the person has switched it off. And what may be taken back is kept for ten seconds first.

const UNDO_MS = 10_000;
const OFF = "keys-off";

const writes = (one) => one.matches("input:not([type=radio], [type=checkbox]), textarea, select");

function step(by) {
  const links = [...document.querySelectorAll("[data-rows] tbody a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
}

function press(key) {
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return false;
  if (found.type === "radio") {
    found.checked = true;
    found.form.querySelector("[data-submit]").focus();
  } else {
    found.click();
  }
  return true;
}

function toggleKeys() {
  const off = localStorage.getItem(OFF) !== null;
  if (off) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
  document.documentElement.dataset.keys = off ? "on" : "off";
}

document.documentElement.dataset.keys = localStorage.getItem(OFF) === null ? "on" : "off";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
  if (event.key === "?") {
    toggleKeys();
    return;
  }
  if (localStorage.getItem(OFF) !== null) return;
  if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  } else if (event.key === "/") {
    document.querySelector('[data-focus="/"]')?.focus();
  } else if (!/^[a-z]$/.test(event.key) || !press(event.key)) {
    return;
  }
  event.preventDefault();
});

// Ten seconds in which it can be taken back; who leaves the page means it.
for (const form of document.querySelectorAll("form[data-undo]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    if (form.dataset.waiting) return;
    form.dataset.waiting = "1";
    const bar = document.createElement("div");
    bar.className = "undo";
    bar.setAttribute("role", "status");
    const words = document.createElement("span");
    words.textContent = form.dataset.undo;
    const back = document.createElement("button");
    back.type = "button";
    back.className = "button plain";
    back.textContent = form.dataset.undoAct;
    bar.append(words, back);
    document.body.append(bar);
    const keep = () => {
      form.dataset.sure = "1";
      form.requestSubmit();
    };
    const leave = () => fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true,
    });
    const timer = setTimeout(() => {
      removeEventListener("pagehide", leave);
      keep();
    }, UNDO_MS);
    addEventListener("pagehide", leave, { once: true });
    back.addEventListener("click", () => {
      clearTimeout(timer);
      removeEventListener("pagehide", leave);
      delete form.dataset.waiting;
      bar.remove();
    });
  });
}
