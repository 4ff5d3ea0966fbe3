/* Judging by keyboard. Single keys work only while the focus is inside the rubric, never while typing there,
   and can be switched off (WCAG 2.1.4); the choice is kept in this browser. */
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-rating]");
  const panel = document.querySelector("[data-keys]");
  if (!form || !panel) return;
  const SWITCH = "insignia-keys";
  const on = panel.querySelector("input");
  panel.hidden = false;
  on.checked = localStorage.getItem(SWITCH) !== "off";
  on.addEventListener("change", () => localStorage.setItem(SWITCH, on.checked ? "on" : "off"));

  const criteria = [...form.querySelectorAll("[data-criterion]")].filter((one) => one.querySelector("input[type=radio]"));
  const current = () => criteria.indexOf(document.activeElement.closest("[data-criterion]"));
  const enter = (criterion) => {
    const radio = criterion?.querySelector("input[type=radio]:checked") ?? criterion?.querySelector("input[type=radio]");
    radio?.focus();
    criterion?.scrollIntoView({ block: "nearest" });
  };

  const ACTIONS = {
    j: () => enter(criteria[Math.min(current() + 1, criteria.length - 1)]),
    k: () => enter(criteria[Math.max(current() - 1, 0)]),
    e: () => {
      location.hash = "evidence";
      document.querySelector("#evidence").focus();
    },
    f: () => (criteria[current()] ?? form).querySelector("[data-feedback]")?.focus(),
  };

  const choose = (key) => {
    const radio = criteria[current()]?.querySelector(`input[data-place="${key}"]`);
    if (!radio) return false;
    radio.focus();
    radio.click();
    return true;
  };

  document.querySelector("#rubric").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form.querySelector("[data-lock]").click();
      return;
    }
    const typing = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
    if (!on.checked || typing || event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    if (ACTIONS[key]) {
      event.preventDefault();
      ACTIONS[key]();
    } else if (/^[1-9]$/.test(key) && choose(key)) event.preventDefault();
  });
});
