"""Addresses of frameworks. /frameworks/{id}/items/{id} is permanent: badges point at it."""

from django.urls import path

from insignia.web.frameworks import authoring, views

OWN = "o/<slug:organization>/frameworks"

urlpatterns = [
    path("frameworks", views.framework_list_page, name="framework_list"),
    path("frameworks/<uuid:framework>", views.framework_page, name="framework"),
    path("frameworks/<uuid:framework>/items/<uuid:item>", views.framework_item, name="framework_item"),
    path(OWN, authoring.framework_manage, name="framework_manage"),
    path(f"{OWN}/import", authoring.framework_import_page, name="framework_import"),
    path(f"{OWN}/import/<str:token>", authoring.framework_preview_page, name="framework_preview"),
    path(f"{OWN}/imports/<uuid:report>", authoring.framework_report, name="framework_report"),
]
