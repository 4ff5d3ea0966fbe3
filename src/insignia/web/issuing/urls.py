"""Addresses of issuing. Those of issuers, keys and lists are permanent: signed files name them."""

from django.urls import path

from insignia.web.issuing import views

urlpatterns = [
    path("issuers", views.issuer_list, name="issuer_list"),
    path("issuers/<uuid:issuer_id>", views.issuer, name="issuer"),
    path("issuers/<uuid:issuer_id>/did.json", views.did_json, name="issuer_did"),
    path("issuers/<uuid:issuer_id>/jwks.json", views.issuer_jwks, name="issuer_jwks"),
    path("issuers/<uuid:issuer_id>/keys/<uuid:key_id>", views.key, name="issuer_key"),
    path(".well-known/jwks.json", views.all_jwks, name="all_jwks"),
    path("status/<uuid:list_id>", views.status_list, name="status_list"),
    path("o/<slug:organization>/issuer", views.issuer_settings, name="issuer_settings"),
    path("o/<slug:organization>/issuer/first-key", views.issuer_first_key, name="issuer_first_key"),
    path("o/<slug:organization>/issuer/rotate", views.issuer_rotate, name="issuer_rotate"),
    path(
        "o/<slug:organization>/issuer/keys/<uuid:key_id>/withdraw", views.issuer_withdraw, name="issuer_withdraw"
    ),
]
