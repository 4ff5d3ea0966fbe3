"""The shell's settings: what every page goes through, sign-in, languages, static files, browser policies."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

_DATA = Path(os.environ.get("INSIGNIA_DATA", "var")).resolve()

MIDDLEWARE: list[str] = [
    "django.middleware.security.SecurityMiddleware",
    "insignia.api.middleware.ApiAnswers",
    "insignia.web.middleware.BrowserPolicies",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "insignia.web.middleware.SameForAll",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "insignia.web.middleware.Preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "insignia.web.middleware.DomainErrors",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "insignia.web.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "insignia.web.templatetags.insignia",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# ---- languages: English is written in the source, Spanish in web/locale/es/*.po ------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_I18N = True
INSIGNIA_CATALOGUES = _DATA / "cache" / "locale"
LOCALE_PATHS = [str(INSIGNIA_CATALOGUES)]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["insignia.web.formats"]

# ---- static files: named by their content, kept for ever by browsers ----------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = _DATA / "cache" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "insignia.web.statics.ForgivingManifestStorage"},
}
WHITENOISE_USE_FINDERS = True  # a file that was not collected yet is still found
WHITENOISE_MAX_AGE = 3600

# ---- what a browser may do with our pages ---------------------------------------------------------------
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "frame-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "insignia.web.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = False  # htmx takes the token from the page, forms from their hidden field
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Counters of the rate limits live here. One process: in memory. Several: all of them need the same store.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
    }
    if os.environ.get("INSIGNIA_DATABASE_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# ---- sign-in: a mailed code, or a passkey; there is no password anywhere ------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "insignia.accounts.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "insignia.web.accounts.forms.NameForm"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 8
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=10).total_seconds())
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {"signup": "insignia.web.accounts.forms.SignUpForm"}
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,5/10m/key",
    "login": "60/m/ip",
    "signup": "10/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "manage_email": "10/m/user",
    "confirm_email": "1/10s/key",
}
MFA_ADAPTER = "insignia.accounts.signin.PasskeyAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are proved by code before they are stored
MFA_SUPPORTED_TYPES = ["webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_FORMS = {
    "add_webauthn": "insignia.web.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "insignia.web.accounts.forms.SecondPasskeyForm",
    "login_webauthn": "insignia.web.accounts.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "insignia.web.accounts.forms.ConfirmPasskeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
