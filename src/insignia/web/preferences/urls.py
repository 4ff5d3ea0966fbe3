"""Addresses of the switches; the pages' own forms post to them."""

from django.urls import path

from insignia.web.preferences import views

urlpatterns = [
    path("preferences/language", views.language_choose, name="language_choose"),
    path("preferences/theme", views.theme_choose, name="theme_choose"),
    path("preferences/acting", views.acting_choose, name="acting_choose"),
]
