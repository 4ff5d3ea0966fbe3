"""Addresses of the demo; `web/urls.py` includes them in demo mode only."""

from __future__ import annotations

from django.urls import path

from insignia.web.demo import views

urlpatterns = [
    path("demo", views.demo, name="demo"),
    path("demo/sign-in", views.sign_in, name="demo_sign_in"),
]
