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

  // Over a slow line somebody types before the scripts are there: a form that saves by itself hears of it now.
  // A page come back to is left alone: what the browser puts into its boxes may be older than what is stored.
  const touched = (field) => {
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "radio") return field.checked && !field.defaultChecked;
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.type !== "select-one") return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  };
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") {
    for (const field of document.querySelectorAll("[data-saves] :is(input, textarea, select)")) {
      if (touched(field)) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

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
