/* Comforts of one's own work, of judging and of writing a badge: saving while typing is htmx's, this adds what it
   leaves open. */
document.addEventListener("DOMContentLoaded", () => {
  const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const token = () => cookie("__Host-csrftoken") ?? cookie("csrftoken");

  // After signing in again in another window the page goes on with the new token.
  document.body.addEventListener("htmx:configRequest", (event) => {
    const fresh = token();
    if (fresh) event.detail.headers["X-CSRFToken"] = fresh;
  });

  // Signed out, or the page too old: the answer says so where "Saved" would stand. Nothing typed is touched.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status !== 401 && status !== 403) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    if (event.detail.target.matches("[data-part]")) {
      event.detail.target = event.detail.target.querySelector("[role=status]");
      event.detail.swapOverride = "innerHTML";
    }
  });

  const place = (event) => {
    const target = event.detail.target;
    return target?.matches("[data-part]") ? target.querySelector("[role=status]") : target;
  };
  const offline = (event) => {
    if (event.detail.requestConfig.verb === "get") return; // a search, not a save
    const words = event.target.closest("[data-offline]")?.dataset.offline;
    const shown = place(event);
    if (words && shown) shown.textContent = words;
  };
  document.body.addEventListener("htmx:sendError", offline);
  document.body.addEventListener("htmx:responseError", offline);

  // A file on its way.
  const bar = (event) => event.target.closest("[data-part]")?.querySelector("[data-progress]");
  document.body.addEventListener("htmx:xhr:progress", (event) => {
    const shown = event.target.type === "file" && bar(event);
    if (!shown || !event.detail.lengthComputable) return;
    shown.hidden = false;
    shown.querySelector("progress").value = Math.round((100 * event.detail.loaded) / event.detail.total);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const shown = bar(event);
    if (shown) shown.hidden = true;
  });

  // What paused during a request lost the focus; it goes back to where the request came from.
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const from = event.detail.requestConfig.elt;
    if (from.closest("[data-part]") && document.activeElement === document.body) document.getElementById(from.id)?.focus();
  });

  // A file is sent as soon as it is chosen, so its button goes.
  const tidy = () => {
    if (window.htmx) for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;
  };
  tidy();
  document.body.addEventListener("htmx:afterSwap", tidy);

  // A button waits for the saves that are under way or queued: else it would meet a newer version of its own text.
  for (const form of document.querySelectorAll("[data-work]")) {
    let under = 0;
    let waiting = null;
    const goOn = () => {
      if (under > 0 || !waiting) return;
      const button = waiting;
      waiting = null;
      form.requestSubmit(button);
    };
    form.addEventListener("htmx:beforeRequest", () => (under += 1));
    form.addEventListener("htmx:afterRequest", () => {
      under -= 1;
      setTimeout(goOn); // htmx sends what it has queued right after this event
    });
    form.addEventListener("submit", (event) => {
      const fresh = token();
      if (fresh) form.elements.csrfmiddlewaretoken.value = fresh;
      if (under <= 0) return;
      event.preventDefault();
      waiting = event.submitter;
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});
