/* Small comforts of every page; all of it works without this file. */
document.addEventListener("DOMContentLoaded", () => {
  // What needs mending is read first.
  document.querySelector("[data-focus]")?.focus();

  // The menu closes on Escape and on a click beside it.
  const menu = document.querySelector("details.menu");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu?.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });

  // [data-copy="#id"] copies the text of that element and says so.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    const text = "value" in source ? source.value : source.textContent;
    await navigator.clipboard.writeText(text.trim());
    const said = button.querySelector("[data-said]");
    if (said) said.textContent = button.dataset.copied;
  });
});
