"""Addresses of an organization's people, invitations and record."""

from django.urls import path

from insignia.web.organizations import invitations, people, record, tokens

urlpatterns = [
    path("o/<slug:organization>/people", people.people, name="people"),
    path("o/<slug:organization>/people/invite", invitations.invite, name="people_invite"),
    path("o/<slug:organization>/people/<uuid:member_id>", people.member, name="member"),
    path("o/<slug:organization>/people/<uuid:member_id>/roles", people.member_roles, name="member_roles"),
    path("o/<slug:organization>/people/<uuid:member_id>/end", people.member_end, name="member_end"),
    path("o/<slug:organization>/people/<uuid:member_id>/consent", people.consent_give, name="consent_give"),
    path("o/<slug:organization>/consents/<uuid:consent_id>/withdraw", people.consent_end, name="consent_end"),
    path(
        "o/<slug:organization>/invitations/<uuid:invitation_id>/withdraw",
        invitations.invitation_end,
        name="invitation_end",
    ),
    path(
        "o/<slug:organization>/invitations/<uuid:invitation_id>/again",
        invitations.invitation_again,
        name="invitation_again",
    ),
    path("invitations/<str:token>", invitations.invitation, name="invitation"),
    path("o/<slug:organization>/tokens", tokens.tokens, name="api_tokens"),
    path("o/<slug:organization>/tokens/new", tokens.token_new, name="api_token_new"),
    path("o/<slug:organization>/tokens/<uuid:token_id>/revoke", tokens.token_end, name="api_token_end"),
    path("o/<slug:organization>/audit", record.audit, name="audit"),
]
