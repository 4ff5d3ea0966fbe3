"""Every address of the platform. Each domain's pages lie in `web/<domain>/urls.py`."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from insignia.web.health import healthz

handler400 = "insignia.web.errors.handler400"
handler403 = "insignia.web.errors.handler403"
handler404 = "insignia.web.errors.handler404"
handler429 = "insignia.web.errors.handler429"
handler500 = "insignia.web.errors.handler500"

AREAS = (
    "home",
    "preferences",
    "accounts",
    "organizations",
    "frameworks",
    "issuing",
    "achievements",
    "authoring",
    "assessment",
    "awards",
    "runs",
    "mails",
    "verification",
    "problems",
)

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]
urlpatterns += [path("", include(f"insignia.web.{area}.urls")) for area in AREAS]
if settings.INSIGNIA_DEMO or settings.DEBUG:
    urlpatterns += [path("", include("insignia.web.styleguide.urls"))]
if settings.INSIGNIA_DEMO:
    urlpatterns += [path("", include("insignia.web.demo.urls"))]
