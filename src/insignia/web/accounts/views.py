"""Sign-in by mailed code (the library's flow, our page and our refusals), and one's own account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.templatekit import get_entrance_context_data
from allauth.account.models import EmailAddress
from allauth.account.views import EmailView, RequestLoginCodeView
from allauth.core.ratelimit import respond_429
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insignia.accounts.services import person_update
from insignia.audit.actor import Actor
from insignia.web.accounts.forms import EMAIL_ERRORS, ProfileForm
from insignia.web.visitor import person_of

RATE_CODES = frozenset({"too_many_login_attempts", "rate_limited"})


class SignInForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    """One field: where the code goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  - the library's own signature
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].help_text = _("We mail you a code. There is no password.")
        self.fields["email"].error_messages.update(EMAIL_ERRORS)


class SignInView(RequestLoginCodeView):  # type: ignore[misc]  # allauth ships no types
    """Asks for an address, or a passkey. The same answer for known and unknown addresses."""

    template_name = "account/login.html"

    def get_form_class(self) -> type[SignInForm]:
        """Give our form."""
        return SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Refuse with 429 where the limit of this address or machine is used up."""
        codes = {error.code for found in form.errors.as_data().values() for error in found}
        if codes & RATE_CODES:
            refused: HttpResponse = respond_429(self.request)
            return refused
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 422
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  - Django's own signature
        """Add what the passkey button needs."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context.update(get_entrance_context_data(self.request))
        return context


class AddPasskeyView(AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Adds a passkey. Making it was a proof of its holder, so the recovery codes follow without another one."""

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401  - the library's own signature
        """Keep the passkey, and that it was used just now."""
        answer: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type="webauthn", reauthenticated=True)
        return answer


class AddressesView(EmailView):  # type: ignore[misc]  # allauth ships no types
    """Several addresses of one person: add, prove, choose the first, remove."""

    template_name = "account/email.html"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own account: name, addresses, passkeys; POST changes the name."""
    person = person_of(request)
    assert person is not None  # noqa: S101  - login_required stands above
    form = ProfileForm(request.POST or None, initial={"display_name": person.display_name})
    if form.is_valid():
        person_update(
            person=person,
            actor=Actor.person(person),
            at=datetime.now(UTC),
            display_name=form.cleaned_data["display_name"],
            language=person.language,
        )
        messages.success(request, _("Your name is saved."))
        return HttpResponseRedirect(request.path, status=303)
    keys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    addresses = EmailAddress.objects.filter(user=person).order_by("-primary", "email")
    context = {"form": form, "addresses": addresses, "passkeys": keys}
    return render(request, "account/overview.html", context, status=422 if form.is_bound else 200)
