// The queue as it changes: its counters, by server-sent events; what narrows it, as soon as it is
// chosen; the money of the rows that are ticked; and a page that waits for what comes of it. Without
// this module all of it is one press away.

const counters = document.querySelector("[data-live]");
if (counters) {
  const first = {};
  for (const one of counters.querySelectorAll("[data-counter]")) {
    first[one.dataset.counter] = one.querySelector("b").textContent;
  }
  let stream = null;
  const tell = (event) => {
    const said = JSON.parse(event.data);
    let changed = false;
    for (const one of counters.querySelectorAll("[data-counter]")) {
      const { n, number, word } = said[one.dataset.counter];
      one.querySelector("b").textContent = number;
      one.querySelector("span:last-child").textContent = word;
      if (one.querySelector(".sign")) one.classList.toggle("over", n > 0);
      changed ||= number !== first[one.dataset.counter];
    }
    counters.querySelector("[data-again]").hidden = !changed;
  };
  // A page that nobody looks at takes no connection: a browser has six for all its pages.
  const follow = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else if (!stream) {
      stream = new EventSource(counters.dataset.live);
      stream.addEventListener("counters", tell);
    }
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => stream?.close());
  follow();
}

// What narrows the queue counts at once. In a list that is closed each arrow and each letter
// chooses: whoever goes through one by keys is waited for, and finds themselves where they were.
const AT = "narrowing";
const LAST_KEY_MS = 600;
const narrowing = document.querySelector("form.narrowing");
if (narrowing) {
  let timer = null;
  let chosen = false;
  let byKeys = false;
  const apply = () => {
    const here = narrowing.contains(document.activeElement) ? document.activeElement.name : "";
    sessionStorage.setItem(AT, here);
    narrowing.requestSubmit();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(apply, LAST_KEY_MS);
  };
  narrowing.addEventListener("pointerdown", () => (byKeys = false));
  narrowing.addEventListener("keydown", (event) => {
    byKeys = event.target.matches("select");
    if (chosen) wait();
  });
  narrowing.addEventListener("change", () => {
    chosen = true;
    if (byKeys) wait();
    else apply();
  });
  // Back from a case, lists stand as this page was made, not as they were left.
  addEventListener("pageshow", (event) => event.persisted && narrowing.reset());
  narrowing.querySelector("[data-show]").hidden = true;
  narrowing.querySelector("[data-at-once]").hidden = false;
  narrowing.elements[sessionStorage.getItem(AT) || ""]?.focus();
  sessionStorage.removeItem(AT);
}

const together = document.querySelector("[data-together]");
if (together) {
  const boxes = [...together.querySelectorAll("input[name=case]")];
  const sum = together.querySelector("[data-sum]");
  const all = together.querySelector("[data-all]");
  const number = (value, digits = 0) =>
    new Intl.NumberFormat(sum.dataset.language, { maximumFractionDigits: digits }).format(value);
  const tell = () => {
    const chosen = boxes.filter((one) => one.checked);
    const sums = new Map();
    for (const { dataset } of chosen) {
      sums.set(dataset.currency, (sums.get(dataset.currency) ?? 0) + Number(dataset.minor));
    }
    const money = [...sums].map(([currency, minor]) => {
      const one = 10 ** Number(sum.getAttribute(`data-decimals-${currency}`));
      const pattern = sum.getAttribute(`data-pattern-${currency}`);
      return pattern.replace("0", number(Math.round(minor / one)));
    });
    sum.textContent = chosen.length
      ? sum.dataset.said.replace("{n}", number(chosen.length)).replace("{money}", money.join(", "))
      : "";
  };
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes.some((one) => !one.checked);
    for (const one of boxes) one.checked = on;
    tell();
  });
  together.addEventListener("change", tell);
  tell();
}

if (document.querySelector("[data-reload]")) {
  const left = document.querySelector("form[data-left]")?.dataset.left ?? "1";
  setTimeout(() => location.reload(), 1_000 * Number(left) + 500);
}
