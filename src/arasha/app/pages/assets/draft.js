// Policies: a backtest that runs is looked at again every second, and a fault that is clicked puts
// the caret where it is. Without this the page has links that do the same by hand.

const AGAIN_MS = 1_000;

async function lookAgain() {
  const shown = document.querySelector("[data-progress]");
  if (!shown) return;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const bar = page.querySelector("[data-progress] progress");
    if (!bar) {
      location.replace(location.href); // it has ended: the whole page is another one
      return;
    }
    shown.querySelector("progress").value = bar.value;
  } catch {
    // the service is away for a moment: it is asked again
  }
  setTimeout(lookAgain, AGAIN_MS);
}

setTimeout(lookAgain, AGAIN_MS);

for (const link of document.querySelectorAll("a[data-from]")) {
  link.addEventListener("click", (event) => {
    const text = document.getElementById("toml");
    if (!text) return;
    event.preventDefault();
    text.closest("details")?.setAttribute("open", "");
    text.focus();
    text.setSelectionRange(Number(link.dataset.from), Number(link.dataset.to));
    const lines = text.value.slice(0, Number(link.dataset.from)).split("\n").length;
    const height = parseFloat(getComputedStyle(text).lineHeight) || 20;
    text.scrollTop = Math.max(0, (lines - 5) * height);
  });
}
