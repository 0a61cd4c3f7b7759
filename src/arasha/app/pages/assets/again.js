// A list with clocks is read again while it is looked at: what is marked data-again is replaced by
// the same part of the page as it is now, so many seconds later. Nothing moves while somebody is in
// it, and a page that nobody looks at asks for nothing. What is marked data-until-gone, too, is waited
// for: when the page has it no longer, the page as it is then is opened.

const MS = 1_000;

async function again(part, number) {
  if (document.hidden || part.contains(document.activeElement)) return part;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  const awaited = "untilGone" in part.dataset;
  if (answer.redirected && awaited) location.replace(location.href);
  if (!answer.ok || answer.redirected) return part;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelectorAll("[data-again]")[number];
  if (!fresh && awaited) location.replace(location.href);
  if (!fresh || part.contains(document.activeElement)) return part;
  part.replaceWith(fresh);
  return fresh;
}

document.querySelectorAll("[data-again]").forEach((found, number) => {
  let part = found;
  const wait = () => setTimeout(async () => {
    try {
      part = await again(part, number);
    } catch {
      // no connection just now: the next time
    }
    wait();
  }, Number(found.dataset.again) * MS);
  wait();
});
