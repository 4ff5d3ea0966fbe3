"""Every address: the API under /api, the pages everywhere else."""

from __future__ import annotations

from django.urls import include, path

from insignia.web.urls import handler400, handler403, handler404, handler429, handler500

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [path("api/", include("insignia.api.urls")), path("", include("insignia.web.urls"))]
