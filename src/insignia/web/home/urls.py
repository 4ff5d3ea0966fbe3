"""The start page."""

from django.urls import path

from insignia.web.home.views import home

urlpatterns = [path("", home, name="home")]
