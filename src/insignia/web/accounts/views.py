"""Sign-in by mailed code (the library's flow, our page and our refusals), and one's own account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insignia.accounts.selectors import person_is_minor
from insignia.accounts.services import birth_date_set, person_update
from insignia.audit.actor import Actor
from insignia.foundation.errors import Conflict, Invalid
from insignia.web.accounts.forms import EMAIL_ERRORS, BirthDateForm, ProfileForm
from insignia.web.sentences import sentence_of
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from django.forms import Form

    from insignia.accounts.models import Person

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
    return _account_page(request, person, form=form)


@login_required
@require_POST
def birth_date(request: HttpRequest) -> HttpResponse:
    """Keep one's date of birth, once."""
    person = person_of(request)
    assert person is not None  # noqa: S101  - login_required stands above
    form = BirthDateForm(request.POST)
    if not form.is_valid():
        return _account_page(request, person, birth_form=form)
    at = datetime.now(UTC)
    try:
        birth_date_set(person=person, born_on=form.cleaned_data["born_on"], actor=Actor.person(person), at=at)
    except (Invalid, Conflict) as error:
        form.add_error("born_on", sentence_of(error))
        return _account_page(request, person, birth_form=form)
    messages.success(request, _("Your date of birth is saved."))
    return HttpResponseRedirect(reverse("account"), status=303)


def _account_page(request: HttpRequest, person: Person, **bound: Form) -> HttpResponse:
    forms: dict[str, Form] = {
        "form": ProfileForm(initial={"display_name": person.display_name}),
        "birth_form": BirthDateForm(),
    } | bound
    keys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    addresses = EmailAddress.objects.filter(user=person).order_by("-primary", "email")
    wrong = any(form.is_bound for form in forms.values())
    context = {
        **forms,
        "addresses": addresses,
        "passkeys": keys,
        "born_on": person.born_on,
        "is_minor": person_is_minor(person, on=datetime.now(UTC).date()),
    }
    return render(request, "account/overview.html", context, status=422 if wrong else 200)
