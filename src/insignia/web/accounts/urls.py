"""Addresses of sign-in. The library's password pages are not among them: there is no password."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from insignia.web.accounts import views

urlpatterns = [
    path("sign-in", views.SignInView.as_view(), name="account_login"),
    path("sign-in/code", account.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/request", views.SignInView.as_view(), name="account_request_login_code"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second-step", mfa.authenticate, name="mfa_authenticate"),
    path("sign-up", account.signup, name="account_signup"),
    path("sign-up/code", account.email_verification_sent, name="account_email_verification_sent"),
    path("sign-out", account.logout, name="account_logout"),
    path("account", views.account, name="account"),
    path("account/birth-date", views.birth_date, name="account_birth_date"),
    path("account/inactive", account.account_inactive, name="account_inactive"),
    path("account/addresses", views.AddressesView.as_view(), name="account_email"),
    path("account/confirm", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/passkey", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/security", mfa.index, name="mfa_index"),
    path("account/passkeys", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/add", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/rename", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/recovery-codes", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
