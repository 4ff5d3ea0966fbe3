"""The living styleguide; mounted in demo and debug mode only."""

from django.urls import path

from insignia.web.styleguide.views import styleguide

urlpatterns = [path("styleguide", styleguide, name="styleguide")]
