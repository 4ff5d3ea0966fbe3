"""Address of the checker."""

from django.urls import path

from insignia.web.verification.views import verify

urlpatterns = [path("verify", verify, name="verify")]
