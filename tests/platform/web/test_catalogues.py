"""Spanish is complete: every text of the source has a translation, whole in its placeholders."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from insignia.web.catalogues import catalogue_merged, catalogues_compile, messages_missing, messages_used

PLACEHOLDERS = re.compile(r"%(?:\([a-z_]+\))?[sd]")


class TestSpanish:
    """The Spanish catalogue."""

    def test_has_every_text(self) -> None:
        """Nothing on a screen stays English by oversight. To mend: python -m insignia.web.catalogues AREA."""
        missing = [f"{path.name}: {text}" for (_context, text), path in messages_missing().items()]
        assert not missing, "\n".join(missing)

    def test_keeps_every_placeholder(self) -> None:
        """A name that is filled in stays filled in."""
        for message in catalogue_merged("es"):
            ids = [message.id] if isinstance(message.id, str) else [str(part) for part in message.id]
            words = message.string
            for text in [words] if isinstance(words, str) else [str(part) for part in words or ()]:
                assert set(PLACEHOLDERS.findall(text)) <= set(PLACEHOLDERS.findall(ids[-1])), text
                assert set(PLACEHOLDERS.findall(ids[0])) <= set(PLACEHOLDERS.findall(text)) | {"%(number)s"}, text

    def test_finds_texts_in_code_and_in_templates(self) -> None:
        """The collector itself sees both kinds; an empty collection would make the first test worthless."""
        used = {text for _context, text in messages_used()}
        assert "Skip to the content" in used
        assert "Somebody changed this meanwhile" in used
        assert "One thing needs another look" in used


class TestCompile:
    """Compiling at start."""

    def test_writes_what_gettext_reads(self, tmp_path: Path) -> None:
        """The compiled file answers, plural forms included."""
        catalogues_compile(tmp_path)
        read = gettext.translation("django", tmp_path, ["es"])
        assert read.gettext("Not yet") == "Todavía no"
        assert read.ngettext("You have %(number)s passkey.", "You have %(number)s passkeys.", 2).startswith(
            "Tienes"
        )

    def test_leaves_a_current_file_alone(self, tmp_path: Path) -> None:
        """A second start writes nothing."""
        catalogues_compile(tmp_path)
        compiled = tmp_path / "es" / "LC_MESSAGES" / "django.mo"
        before = compiled.stat().st_mtime_ns
        catalogues_compile(tmp_path)
        assert compiled.stat().st_mtime_ns == before

    @pytest.mark.parametrize("kind", ["en", "es"])
    def test_every_mail_of_sign_in_is_in_both_languages(self, kind: str) -> None:
        """What the sign-in library can send has a text of ours."""
        import insignia.outbox

        folder = Path(insignia.outbox.__file__).parent / "templates" / "outbox"
        kinds = [
            "login-code", "email-confirmation", "email-confirmation-signup", "unknown-account",
            "account-already-exists", "email-changed", "email-deleted",
            "webauthn-added", "webauthn-removed", "recovery-codes-generated",
        ]  # fmt: skip
        for name in kinds:
            assert (folder / f"signin-{name}.{kind}.txt").read_text().startswith("Subject: ")
