// A case's kind of fraud by a digit: 1 to 9 choose from the list, 0 chooses none. Silent where one
// writes, with a modifier, and where the person has switched keys off (keys.js).

const list = document.querySelector("select[data-digits]");

const writes = (one) => one.matches("input:not([type=radio], [type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (!list || event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
  if (document.body.classList.contains("keys-off") || !/^[0-9]$/.test(event.key)) return;
  list.selectedIndex = Number(event.key);
  event.preventDefault();
});
