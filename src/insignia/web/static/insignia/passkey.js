/* Passkeys: forms marked data-passkey="login | authenticate | add" run the browser's ceremony, then post it.
   Login asks the server for a challenge; the others find theirs in the JSON block named by data-options. */
(() => {
  const ceremonies = {
    async login(form) {
      const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error("no challenge");
      return webauthnJSON.get((await answer.json()).request_options);
    },
    authenticate(form) {
      return webauthnJSON.get(optionsOf(form).request_options);
    },
    add(form) {
      const options = optionsOf(form).creation_options;
      Object.assign(options.publicKey.authenticatorSelection, {
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      });
      return webauthnJSON.create(options);
    },
  };

  const optionsOf = (form) => JSON.parse(document.getElementById(form.dataset.options).textContent);

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.PublicKeyCredential || !window.webauthnJSON) return;
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      form.hidden = false;
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const said = form.querySelector("[data-said]");
        said.hidden = true;
        try {
          const credential = await ceremonies[form.dataset.passkey](form);
          form.elements.credential.value = JSON.stringify(credential);
          form.submit();
        } catch {
          said.hidden = false;
        }
      });
    }
  });
})();
