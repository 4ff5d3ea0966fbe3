"""Addresses of awards. Those under /awards/ are permanent: signed files name them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from insignia.web.awards import claims, copies, correcting, expiring, many, mine, pages, registrar


class KindConverter(StringConverter):
    """The ending of a machine copy."""

    regex = "json|jwt|png|svg"


register_converter(KindConverter, "copy_kind")

urlpatterns = [
    path("awards/<uuid:award_id>", pages.award, name="award"),
    path("awards/<uuid:award_id>.<copy_kind:kind>", copies.award_copy, name="award_copy"),
    path("awards/<uuid:award_id>/documents/<int:number>", copies.award_document, name="award_document"),
    path("awards/<uuid:award_id>/checks", pages.award_checks, name="award_checks"),
    path("awards/<uuid:award_id>/code", copies.award_code, name="award_code"),
    path("awards/<uuid:award_id>/evidence/<int:number>", pages.award_evidence, name="award_evidence"),
    path("awards/<uuid:award_id>/evidence/<int:number>/<int:place>", copies.award_file, name="award_file"),
    path("files/awards/<uuid:award_id>/<int:number>/<int:place>", copies.award_file, name="file"),
    path("s/<slug:token>", pages.share, name="share"),
    path("s/<slug:token>.<copy_kind:kind>", copies.share_copy, name="share_copy"),
    path("s/<slug:token>/checks", pages.share_checks, name="share_checks"),
    path("s/<slug:token>/code", copies.share_code, name="share_code"),
    path("s/<slug:token>/evidence/<int:number>", pages.share_evidence, name="share_evidence"),
    path("s/<slug:token>/evidence/<int:number>/<int:place>", copies.share_file, name="share_file"),
    path("art/<uuid:version_id>/<slug:size>", copies.badge_art, name="badge_art"),
    path("claim/<slug:token>", claims.claim, name="claim"),
    path("claim/<slug:token>.<copy_kind:kind>", claims.claim_copy, name="claim_copy"),
    path("claim/<slug:token>/choices", claims.claim_choices, name="claim_choices"),
    path("claim/<slug:token>/renew", claims.claim_renew, name="claim_renew"),
    path("my/badges", mine.my_badges, name="my_badges"),
    path("my/badges/<uuid:award_id>/who-sees-it", mine.award_choices, name="award_choices"),
    path("my/badges/<uuid:award_id>/share", mine.share_new, name="share_new"),
    path("my/shares", mine.my_shares, name="my_shares"),
    path("my/shares/<uuid:share_id>/end", mine.share_stop, name="share_stop"),
    path("o/<slug:organization>/awards", registrar.award_list, name="award_list"),
    path("o/<slug:organization>/awards/many", many.award_many, name="award_many"),
    path("o/<slug:organization>/awards/ending", expiring.award_ending, name="award_ending"),
    path("o/<slug:organization>/awards/changes/<uuid:change_id>", many.mass_change, name="mass_change"),
    path(
        "o/<slug:organization>/awards/changes/<uuid:change_id>/stop", many.mass_change_end, name="mass_change_end"
    ),
    path("o/<slug:organization>/awards/<uuid:award_id>", registrar.award_record, name="award_record"),
    path(
        "o/<slug:organization>/awards/<uuid:award_id>/correction",
        correcting.award_correction,
        name="award_correction",
    ),
    path("o/<slug:organization>/awards/<uuid:award_id>/renewal", correcting.award_renewal, name="award_renewal"),
    path(
        "o/<slug:organization>/awards/<uuid:award_id>/<slug:change>",
        registrar.award_change,
        name="award_change",
    ),
    path("o/<slug:organization>/decisions/<uuid:decision_id>/hold", registrar.hold, name="award_hold"),
    path("o/<slug:organization>/decisions/<uuid:decision_id>/release", registrar.release, name="award_release"),
]
