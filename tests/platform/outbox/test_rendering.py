"""What a mail says is what somebody wrote, sign for sign: it is text, and nothing in it is HTML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from insignia import outbox
from insignia.outbox.models import LetterText
from insignia.outbox.rendering import shipped, written

TEMPLATES = Path(outbox.__file__).parent / "templates/outbox"
KINDS = sorted({path.name.split(".")[0] for path in TEMPLATES.glob("[a-z]*.txt")})
HOSTILE = "R&D 'Lab' <b>"
CONTEXT: dict[str, Any] = {
    "badge": {"en": HOSTILE, "es": HOSTILE},
    "missing": [HOSTILE],
    "changed": ["name"],
    "attested": True,
    **dict.fromkeys(
        ("organization", "name", "reason", "until", "code", "to_email", "deleted_email", "days", "met", "total"),
        HOSTILE,
    ),
    **dict.fromkeys(
        ("path", "award_path", "claim_path", "badge_path", "sign_in", "sign_up", "link"), "/x?a=1&b='2'"
    ),
}


class TestShippedTexts:
    @pytest.mark.parametrize("language", ["en", "es"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_hold_every_name_as_it_is(self, kind: str, language: str) -> None:
        letter = shipped(kind, language, CONTEXT)
        for text in (letter.subject, letter.text):
            assert not re.search("&#|&amp;|&lt;|&gt;|[{}]|Subject:", text)
        source = (TEMPLATES / f"{kind}.{language}.txt").read_text(encoding="utf-8")
        assert (HOSTILE in letter.subject) == ("{{" in source.splitlines()[0])
        assert "autoescape" not in source

    @pytest.mark.parametrize("attested", [True, False])
    def test_hold_links_as_they_are(self, attested: bool) -> None:
        assert "/x?a=1&b='2'" in shipped("award-ends", "en", CONTEXT | {"attested": attested}).text


class TestSubject:
    @pytest.mark.parametrize(
        ("name", "subject"),
        [
            ("Liceo\u00a0Ñandú\tSur", "Liceo Ñandú Sur"),
            ("One\u2028two\u0085three\x0bfour", "One two three four"),
            ("\U0001f469\u200d\U0001f52c Lab", "\U0001f469\u200d\U0001f52c Lab"),
            ("a\x00b\x07c\x7fd", "abcd"),
            ("half \ud83d", "half"),
        ],
    )
    def test_is_one_line_of_the_words_that_were_written(self, name: str, subject: str) -> None:
        own = LetterText(kind="award-issued", language="en", subject="{badge}", body="{claim_link}")
        assert written(own, {"badge": name}).subject == subject
        assert (
            shipped("award-issued", "en", CONTEXT | {"badge": name}).subject == f"Your badge is ready: {subject}"
        )

    def test_is_not_longer_than_mail_readers_show(self) -> None:
        assert len(shipped("award-issued", "en", CONTEXT | {"badge": "x" * 1000}).subject) == 160
