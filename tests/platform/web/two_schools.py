"""Two schools on one installation, alike in everything, with people in every role and each private thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.services import achievement_create, alignment_set, image_compose, version_publish
from insignia.assessment.models import Submission
from insignia.assessment.pieces import Authorship
from insignia.assessment.selectors import submission_view
from insignia.assessment.services import (
    authorship_save,
    evidence_add_text,
    queue_lease,
    submission_start,
    submission_submit,
)
from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.awards.selection import Selection
from insignia.awards.services import (
    award_from_decision,
    award_hold,
    awards_change_many,
    claim_path,
    share_create,
    visibility_set,
)
from insignia.frameworks.selectors import framework_imports, framework_tree
from insignia.frameworks.services import framework_import
from insignia.organizations.api_tokens import api_token_create
from insignia.organizations.models import Organization
from insignia.organizations.selectors import membership_of
from insignia.organizations.services import (
    invitation_create,
    invitation_token,
    member_consent_record,
    membership_end,
)
from insignia.outbox.models import Bounce, Message
from insignia.outbox.rendering import stop_path
from insignia.outbox.services import message_queue
from insignia.runs.services import run_check, run_converge, run_create
from tests.platform.achievements.samples import make_item
from tests.platform.awards.world import World, make_content, make_decision, make_world
from tests.platform.factories import join, make_member, make_person
from tests.platform.frameworks.files import demo_file

ART = {"tincture": "azure", "metal": "argent", "symbol": "flask", "ribbon": "Second"}
ROLES = ("learner", "assessor", "author", "registrar", "owner")


@dataclass
class School:
    """One of the two: its people by role, and the ids that addresses are made of."""

    world: World
    people: dict[str, Person]
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def organization(self) -> Organization:
        return self.world.organization


@dataclass
class Visitor:
    """A browser with its session: whose it is, and in which school that person has which role."""

    role: str
    school: School | None
    client: Client
    strict: Client

    def __str__(self) -> str:
        return f"{self.role} of {self.school.organization.slug}" if self.school else self.role


def make_school(name: str) -> School:
    """Build one school through the services that its people use, as of now."""
    at = datetime.now(UTC)
    world = make_world(name=name, at=at)
    organization = world.organization
    people = {
        "learner": make_person(f"Itzel of {name}"),
        "assessor": world.assessor,
        "author": world.author,
        "registrar": world.registrar,
        "owner": make_member(organization, "owner", name=f"Owner of {name}"),
    }
    join(organization, people["learner"])
    school = School(world, people, {"organization": organization.slug})
    _people_things(school, at)
    _badge_things(school, at)
    _work_things(school, at)
    _award_things(school, at)
    _run_things(school, at)
    _mail_things(school, at)
    return school


def _people_things(school: School, at: datetime) -> None:
    organization, owner = school.organization, school.people["owner"]
    mai = join(organization, make_person("Mai Nguyen", born_on=None))
    consent = member_consent_record(membership_id=mai.public_id, given_by="Hòa Nguyen", person=owner, at=at)
    invited = invitation_create(organization=organization, email="a@b.example", roles=[], person=owner, at=at)
    token = invitation_token(invited.public_id)
    api_token = api_token_create(
        organization=organization,
        name="Student system",
        scopes=["awards:read"],
        expires_at=at + timedelta(days=30),
        person=owner,
        at=at,
    )
    school.ids |= {
        "token_id": api_token.public_id,
        "member_id": mai.public_id,
        "consent_id": consent.public_id,
        "invitation_id": invited.public_id,
        "invitation": token,
    }


def _badge_things(school: School, at: datetime) -> None:
    organization, author = school.organization, school.people["author"]
    draft = achievement_create(
        organization=organization,
        slug="hidden-draft",
        content=make_content(),
        credential_class="application",
        person=author,
        at=at,
    )
    image_compose(version_id=draft.public_id, choices=ART, person=author, at=at)
    report = framework_import(
        organization=organization, actor=Actor.person(author), at=at, raw=demo_file(), filename="framework.json"
    )
    version, issuer = school.world.version, school.world.issuer
    signing_key, status_list = issuer.keys.all()[0], issuer.status_sets.all()[0].lists.all()[0]
    school.ids |= {
        "version_id": version.public_id,
        "version": version,
        "lineage": version.achievement.public_id,
        "slug": version.achievement.slug,
        "draft": draft,
        "draft_lineage": draft.achievement.public_id,
        "framework": UUID(report.framework_id),
        "item": framework_tree(UUID(report.framework_id)).top[0].item.public_id,
        "report": framework_imports(UUID(report.framework_id))[0].public_id,
        "issuer_id": issuer.public_id,
        "key_id": signing_key.public_id,
        "list_id": status_list.public_id,
    }


def _work_things(school: School, at: datetime) -> None:
    learner, version = school.people["learner"], school.world.version
    decision = make_decision(school.world, learner=learner, at=at)
    school.ids |= {"decision": decision, "decided_id": decision.attempt.submission.public_id}
    waiting = _handed_in(version, make_person("Tobias Lindqvist-Osei"), at)
    judged = _handed_in(version, make_person("Noor Haddad"), at)
    assignment = queue_lease(submission_id=judged.public_id, assessor=school.people["assessor"], at=at)
    school.ids |= {"waiting_id": waiting.public_id, "assignment_id": assignment.public_id}
    held = make_decision(school.world, learner=make_person("Held Learner"), at=at)
    award_hold(
        decision_id=held.public_id, reason="A question", actor=Actor.person(school.people["registrar"]), at=at
    )
    school.ids["held_decision_id"] = held.public_id
    fresh = make_decision(school.world, learner=make_person("Fresh Learner"), at=at)
    school.ids["fresh_decision_id"] = fresh.public_id
    drafted = _draft(_second_version(school, at), learner, at)
    view = submission_view(submission_id=drafted.public_id, viewer=learner)
    item = next(piece for requirement in view.requirements for piece in requirement.pieces)
    school.ids |= {"submission_id": drafted.public_id, "item_id": item.public_id}


def _second_version(school: School, at: datetime) -> AchievementVersion:
    author = school.people["author"]
    made = achievement_create(
        organization=school.organization,
        slug="second-badge",
        content=make_content(),
        credential_class="application",
        person=author,
        at=at,
    )
    aligned = [(make_item(school.organization, "MP.2").public_id, "out000000001")]
    alignment_set(version_id=made.public_id, alignments=aligned, person=author, at=at)
    image_compose(version_id=made.public_id, choices=ART, person=author, at=at)
    return version_publish(version_id=made.public_id, person=author, at=at)


def _draft(version: AchievementVersion, learner: Person, at: datetime) -> Submission:
    submission = submission_start(version=version, learner=learner, at=at)
    for number in (1, 2):
        evidence_add_text(
            submission_id=submission.public_id,
            learner=learner,
            requirement_id=f"req{number:09}",
            text=f"secret words {number}",
            at=at,
        )
    authorship_save(
        submission_id=submission.public_id, learner=learner, authorship=Authorship("individual"), version=0, at=at
    )
    return submission


def _handed_in(version: AchievementVersion, learner: Person, at: datetime) -> Submission:
    submission = _draft(version, learner, at)
    submission_submit(submission_id=submission.public_id, learner=learner, at=at)
    return submission


def _award_things(school: School, at: datetime) -> None:
    award = _award(school, school.ids["decision"].public_id, at)
    shared_with = make_person("Shared Learner")
    shared = _award(school, make_decision(school.world, learner=shared_with, at=at).public_id, at)
    theirs = Actor.person(shared_with)
    visibility_set(award_id=shared.public_id, visibility="link", actor=theirs, at=at)
    share = share_create(award_id=shared.public_id, actor=theirs, at=at)
    own = share_create(award_id=award.public_id, actor=Actor.person(school.people["learner"]), at=at)
    visibility_set(
        award_id=award.public_id, visibility="private", actor=Actor.person(school.people["learner"]), at=at
    )
    begun = awards_change_many(
        organization=school.organization,
        selection=Selection(ids=(shared.public_id,)),
        change="suspended",
        reason="A question",
        actor=Actor.person(school.people["registrar"]),
        at=at,
    )
    school.ids |= {
        "award_id": award.public_id,
        "change_id": begun.public_id,
        "share": share.token,
        "share_id": own.share.public_id,
        "claim": claim_path(str(shared.public_id)).removeprefix("/claim/"),
    }


def _award(school: School, decision_id: UUID, at: datetime) -> Award:
    return award_from_decision(decision_id=decision_id, at=at)


def _run_things(school: School, at: datetime) -> None:
    """Leave one run that waits for its columns, and one whose dry run is done."""
    rows = [{"Name": f"Secret of {school.organization.slug}", "E-mail": "secret@quillwater.example"}]
    actor = Actor.person(school.people["registrar"])
    for name in ("run_id", "draft_run_id"):
        run = run_create(
            organization=school.organization,
            version=school.world.version,
            key=name,
            source="file",
            rows=rows,
            actor=actor,
            at=at,
        )
        school.ids[name] = run.public_id
    run_check(run_id=school.ids["run_id"], actor=actor, at=at)
    run_converge(at)


def _mail_things(school: School, at: datetime) -> None:
    """Leave one mail that came back, and a reminder with its link to turn reminders off."""
    named = {
        "name": f"Secret of {school.organization.slug}",
        "badge": {"en": "Reading"},
        "organization": {"en": "Q"},
    }
    returned, reminder = (
        message_queue(
            kind=kind,
            key=f"{kind}:{school.organization.slug}",
            recipient=f"secret@{school.organization.slug}.example",
            language="en",
            context=named | {"until": "14 May 2029", "award_path": "/", "badge_path": "/", "attested": False},
            at=at,
            organization_id=school.organization.public_id,
        )
        for kind in ("award-issued", "award-ends")
    )
    Message.objects.filter(pk=returned.pk).update(abandoned_at=at, last_error="550 5.1.1 no such user")
    Bounce.objects.create(address=returned.recipient, message=returned, code=550, reason="no such user", at=at)
    school.ids |= {
        "message_id": returned.public_id,
        "reminder_id": reminder.public_id,
        "stop": stop_path(reminder.public_id).rsplit("/", 1)[-1],
    }


def make_visitor(role: str, school: School | None, person: Person | None) -> Visitor:
    """Sign in twice: in a browser whose forms carry the token anyway, and in one that is checked for it."""
    clients = Client(), Client(enforce_csrf_checks=True)
    for client in clients:
        if person is not None:
            client.force_login(person)
            _proved_just_now(client, person)
    return Visitor(role, school, *clients)


def _proved_just_now(client: Client, person: Person) -> None:
    """Let this session have signed in a moment ago, as far as pages ask that want a fresh proof."""
    request = HttpRequest()
    request.session, request.user = client.session, person
    record_authentication(request, person, method="code")
    request.session.save()


def make_visitors(schools: tuple[School, School]) -> list[Visitor]:
    """Give everybody who may knock: nobody, each role of each school, and one who had every role and lost it."""
    first = schools[0]
    removed = make_member(first.organization, *ROLES[1:], name="Removed Person")
    visitors = [make_visitor("anonymous", None, None)]
    visitors += [make_visitor(role, school, school.people[role]) for school in schools for role in ROLES]
    gone = make_visitor("removed", None, removed)
    assert gone.client.get(f"/o/{first.organization.slug}/people").status_code == 200, "the session is not open"
    membership = membership_of(person=removed, organization=first.organization)
    assert membership is not None
    membership_end(membership_id=membership.public_id, person=first.people["owner"], at=datetime.now(UTC))
    return [*visitors, gone]
