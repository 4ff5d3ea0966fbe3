"""Addresses of badges. Those below /achievements/ are permanent: signed documents point at them."""

from django.urls import path

from insignia.web.achievements import views

VERSION = "achievements/<uuid:lineage>/v<int:number>"

urlpatterns = [
    path("badges", views.catalogue, name="catalogue"),
    path("badges/<slug:organization>/<slug:slug>", views.badge, name="badge"),
    path("achievements/<uuid:lineage>", views.achievement, name="achievement"),
    path(VERSION, views.achievement_version, name="achievement_version"),
    path(f"{VERSION}.json", views.achievement_json_page, name="achievement_json"),
    path(f"{VERSION}/image.png", views.achievement_png, name="achievement_png"),
    path(f"{VERSION}/image-<int:pixels>.png", views.achievement_png, name="achievement_png_sized"),
    path(f"{VERSION}/image.svg", views.achievement_svg, name="achievement_svg"),
    path(f"{VERSION}/image-mono.svg", views.achievement_svg, {"mono": True}, name="achievement_svg_mono"),
]
