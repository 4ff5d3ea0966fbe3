"""The address that problem documents name."""

from django.urls import path

from insignia.web.problems import views

urlpatterns = [path("problems", views.problems, name="problems")]
