"""Static files named by their content, so that browsers may keep them for ever."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command


class ForgivingManifestStorage(ManifestStaticFilesStorage):
    """Gives a file's name with the hash of its content; before collection, its plain name."""

    manifest_strict = False

    def hashed_name(self, name: str, content: object = None, filename: str | None = None) -> str:
        """Add the hash; a file that was not collected keeps its plain name, and is served from the package."""
        try:
            return super().hashed_name(name, content, filename)  # type: ignore[arg-type]  # Django passes its own File or nothing
        except ValueError:
            return name


def statics_prepare() -> None:
    """Collect every static file under its hashed name; quick when nothing changed. Call before serving."""
    call_command("collectstatic", interactive=False, verbosity=0)
