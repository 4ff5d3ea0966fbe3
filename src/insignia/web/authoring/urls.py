"""Addresses of badge authors."""

from __future__ import annotations

from django.urls import path

from insignia.web.authoring import editor, pictures, views

HERE = "o/<slug:organization>/badges"
BADGE = f"{HERE}/<uuid:lineage>"

urlpatterns = [
    path(HERE, views.badges, name="author_badges"),
    path(f"{HERE}/new", views.begin, name="author_begin"),
    path(BADGE, views.badge, name="author_badge"),
    path(f"{BADGE}/draft", views.draft_begin, name="author_draft"),
    path(f"{BADGE}/discard", views.discard, name="author_discard"),
    path(f"{BADGE}/v<int:number>/retire", views.retire, name="author_retire"),
    path(f"{BADGE}/edit/<int:step>", editor.edit, name="author_edit"),
    path(f"{BADGE}/publish", editor.publish, name="author_publish"),
    path(f"{BADGE}/picture", pictures.picture, name="author_picture"),
    path("symbols/<slug:name>.svg", pictures.symbol, name="symbol"),
]
