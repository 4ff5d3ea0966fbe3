"""Addresses of mails: an organization's own, and the link in a mail that turns its topic off."""

from django.urls import path

from insignia.web.mails import stopping, views

urlpatterns = [
    path("o/<slug:organization>/mails", views.mails, name="mails"),
    path("o/<slug:organization>/mails/<uuid:message_id>/again", views.mail_again, name="mail_again"),
    path("o/<slug:organization>/mails/<slug:kind>/<slug:language>", views.mail_text, name="mail_text"),
    path("mails/<uuid:message_id>/stop/<str:token>", stopping.mail_stop, name="mail_stop"),
]
