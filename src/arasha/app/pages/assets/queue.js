// The queue as it changes: its counters, by server-sent events; the money of the rows that are
// ticked; and a page that waits for what comes of it. Without this module all of it is one press
// away.

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
