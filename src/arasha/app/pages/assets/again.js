// A list with clocks is read again while it is looked at: what is marked data-again is replaced by
// the same part of the page as it is now, so many seconds later. Nothing moves while somebody is in
// it, and a page that nobody looks at asks for nothing.

const MS = 1_000;

async function again(part, number) {
  if (document.hidden || part.contains(document.activeElement)) return part;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return part;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelectorAll("[data-again]")[number];
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
