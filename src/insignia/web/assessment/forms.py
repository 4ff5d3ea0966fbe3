"""What comes from the pages. Forms check shape only; what is allowed is the domain's to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from insignia.assessment.errors import EvidenceUnusable, StaleVersion, TextTooLong
from insignia.assessment.pieces import Authorship
from insignia.assessment.services import DraftChange, DraftSaved
from insignia.foundation.errors import InsigniaError
from insignia.web.assessment.words import MODE_MISSING, PART_MISSING, in_words

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from insignia.assessment.selectors import MarkingView, RequirementView, SubmissionView

    Upload = UploadedFile[Any]

AUTHORSHIP = "authorship"
STATEMENT = ("mode", "contribution", "tools", "sources")
STATEMENT_WORDS: dict[str, tuple[Any, Any]] = {
    "contribution": (_("Your part in a group's work"), _("Only if others worked on it with you.")),
    "tools": (_("Tools you used"), _("Programs, machines, AI. Using them is fine; say what for.")),
    "sources": (_("Sources"), _("Data, pictures and words that are not yours.")),
}
MODES = (("individual", _("I made this work alone")), ("group", _("I made it in a group")))


class ManyFiles(forms.FileInput):
    """A file input that takes several at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once, each clean by itself."""

    widget = ManyFiles

    def clean(self, data: list[Any] | None, initial: object = None) -> list[Any]:
        """Give the list of files; an empty list for none."""
        return [super(ManyFilesField, self).clean(one, initial) for one in data or []]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


@dataclass(frozen=True)
class Group:
    """One requirement on the page: what is there, and the boxes to add to it. `theirs` was saved elsewhere."""

    view: RequirementView
    text: BoundField | None
    version: BoundField | None
    link: BoundField | None
    file: BoundField | None
    theirs: str | None

    @property
    def pieces(self) -> list[Any]:
        """Give the files and links; a text stands in its box."""
        return [piece for piece in self.view.pieces if piece.kind != "text"]


class WorkForm(forms.Form):
    """A whole draft: for each requirement a text, links, files as it takes them; who made the work.

    A part that was not sent (a fragment sends one) is left alone.
    """

    def __init__(
        self,
        view: SubmissionView,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Upload] | None = None,
    ) -> None:
        super().__init__(data, files)
        self.view = view
        self.sent = QueryDict() if data is None else data
        self.theirs: dict[str, Any] = {}
        for wanted in view.requirements:
            self._add(wanted)
        statement = view.authorship
        self.fields["mode"] = forms.ChoiceField(
            choices=MODES, required=False, widget=forms.RadioSelect, label=_("Who made it")
        )
        self.fields["mode"].initial = statement.mode if statement else None
        for name, (label, hint) in STATEMENT_WORDS.items():
            self.fields[name] = forms.CharField(required=False, label=label, help_text=hint, widget=_area(2))
            self.fields[name].initial = getattr(statement, name) if statement else ""
        self.fields["statement_version"] = _version(view.authorship_version)

    def _add(self, wanted: RequirementView) -> None:
        name, kinds = wanted.requirement.id, {kind.value for kind in wanted.requirement.kinds}
        if not kinds or "text" in kinds:
            self.fields[f"text-{name}"] = forms.CharField(
                required=False, strip=False, widget=_area(4), initial=wanted.text, label=_("A few sentences")
            )
            self.fields[f"version-{name}"] = _version(wanted.text_version)
        if not kinds or "file" in kinds:
            self.fields[f"file-{name}"] = ManyFilesField(
                required=False, allow_empty_file=True, label=_("Add files")
            )
        if not kinds or "link" in kinds:
            self.fields[f"link-{name}"] = forms.CharField(
                required=False,
                label=_("Add a link"),
                widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
            )

    @property
    def most(self) -> int:
        """Give the most a file may have, in MB."""
        return int(settings.INSIGNIA_EVIDENCE_FILE_BYTES) // 2**20

    @property
    def groups(self) -> list[Group]:
        """Give the requirements in order, each with its boxes."""
        return [self._group(wanted) for wanted in self.view.requirements]

    @property
    def statement(self) -> list[BoundField]:
        """Give the boxes of the statement after the choice of alone or group."""
        return [self[name] for name in STATEMENT_WORDS]

    def group(self, requirement_id: str) -> Group:
        """Give one requirement.

        Raises:
            KeyError: the badge asks for no such evidence.
        """
        return {group.view.requirement.id: group for group in self.groups}[requirement_id]

    def _group(self, wanted: RequirementView) -> Group:
        name = wanted.requirement.id

        def bound(kind: str) -> BoundField | None:
            field = f"{kind}-{name}"
            return self[field] if field in self.fields else None

        theirs = self.theirs.get(f"text-{name}")
        return Group(wanted, bound("text"), bound("version"), bound("link"), bound("file"), theirs)

    def change(self) -> DraftChange:
        """Give what was sent, for the domain."""
        sent, ids = self.cleaned_data, [wanted.requirement.id for wanted in self.view.requirements]
        return DraftChange(
            texts={
                name: (sent[f"text-{name}"], sent[f"version-{name}"] or 0)
                for name in ids
                if f"text-{name}" in self.data and f"text-{name}" in sent
            },
            links={
                name: sent[f"link-{name}"]
                for name in ids
                if f"link-{name}" in self.data and f"link-{name}" in sent
            },
            files=tuple(
                (name, upload.name or "file", cast("BinaryIO", upload.file))
                for name in ids
                for upload in sent.get(f"file-{name}") or []
            ),
            authorship=self._authorship(sent),
        )

    def _authorship(self, sent: Mapping[str, Any]) -> tuple[Authorship, int] | None:
        if not any(name in self.data for name in STATEMENT):
            return None
        statement = Authorship(*(sent.get(name, "") for name in STATEMENT))
        version = sent.get("statement_version") or 0
        untouched = statement == Authorship("") and not version
        return None if untouched else (statement, version)

    def after(self, fresh: SubmissionView, saved: DraftSaved) -> WorkForm:
        """Give the page's form again: what was saved is as stored, what was not holds what was typed."""
        data = self.sent.copy()
        for wanted in fresh.requirements:
            name = wanted.requirement.id
            data[f"version-{name}"] = str(saved.versions.get(f"text-{name}", wanted.text_version))
            if f"link-{name}" not in saved.refused:
                data[f"link-{name}"] = ""
        data["statement_version"] = str(saved.versions.get(AUTHORSHIP, fresh.authorship_version))
        again = WorkForm(fresh, data, MultiValueDict())
        again.is_valid()
        for name, error in saved.refused.items():
            again.refuse(name, error)
        return again

    def leave_link(self, requirement_id: str) -> None:
        """Let the page keep its own box for a link, in an answer about files: somebody may be typing there."""
        if field := self.fields.get(f"link-{requirement_id}"):
            field.widget.attrs["hx-preserve"] = "true"

    def refuse(self, name: str, error: InsigniaError) -> None:
        """Show at its field why a part was not saved."""
        if isinstance(error, StaleVersion):
            self.theirs[name] = error.data["theirs"]
        field, text = name, in_words(error)
        if name == AUTHORSHIP:
            fields = [key for key in getattr(error, "fields", {}) if key in STATEMENT]
            field = fields[0] if fields else "mode"
            if isinstance(error, EvidenceUnusable) and not isinstance(error, TextTooLong):
                text = str(MODE_MISSING if field == "mode" else PART_MISSING)
        self.add_error(field if field in self.fields else None, text)


def _version(initial: int) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, initial=initial, widget=forms.HiddenInput)


@dataclass(frozen=True)
class RatingPost:
    """A rating as a page sent it: {criterion: level}, {criterion or "": words}, the version it replaces."""

    levels: dict[str, str]
    feedback: dict[str, str]
    version: int


def rating_from(data: QueryDict, view: MarkingView) -> RatingPost:
    """Read the criteria this work is rated by; others are none of this page's."""
    levels = {name: str(data[f"level-{name}"]) for name in view.to_rate if data.get(f"level-{name}")}
    feedback = {name: str(data.get(f"feedback-{name}", "")) for name in view.to_rate}
    feedback[""] = str(data.get("feedback", ""))
    version = str(data.get("version", ""))
    return RatingPost(levels, feedback, int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0)


class NoteForm(forms.Form):
    """Words for a learner whose work comes back unjudged."""

    note = forms.CharField(
        required=False,
        widget=_area(5),
        label=_("What should be mended?"),
        help_text=_("The learner reads this. Such as: the second link asks for a password."),
    )
