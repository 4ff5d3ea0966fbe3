"""The symbols authors choose from: Phosphor's filled icons (MIT), on a grid of 256."""

from __future__ import annotations

import zipfile
from functools import cache
from importlib import resources

from lxml import etree

from insignia.achievements.errors import ArtInvalid

GRID = 256
_PACKAGE, _ARCHIVE, _FOLDER, _SUFFIX = "justmyresource_phosphor", "icons.zip", "fill/", "-fill.svg"
# Marks of companies, and what does not belong on a school badge.
_LEFT_OUT = ("logo", "poker", "beer", "cigarette", "gun")


@cache
def symbols() -> tuple[str, ...]:
    """List the names of all symbols, in order."""
    return tuple(sorted(name for name in _drawings() if not any(part in _LEFT_OUT for part in name.split("-"))))


@cache
def symbol_paths(name: str) -> tuple[str, ...]:
    """Give the path data of a symbol on its grid of 256.

    Raises:
        ArtInvalid: there is no such symbol.
    """
    if name not in symbols():
        raise ArtInvalid("There is no such symbol. Choose one from the list.", fields={"symbol": name[:60]})
    root = etree.fromstring(_drawings()[name], _parser())
    return tuple(str(path.get("d")) for path in root.iter("{http://www.w3.org/2000/svg}path"))


@cache
def _drawings() -> dict[str, bytes]:
    # Opening the archive takes as long as reading all of its filled icons, half a megabyte.
    with resources.files(_PACKAGE).joinpath(_ARCHIVE).open("rb") as file, zipfile.ZipFile(file) as archive:
        return {
            name.removeprefix(_FOLDER).removesuffix(_SUFFIX): archive.read(name)
            for name in archive.namelist()
            if name.startswith(_FOLDER) and name.endswith(_SUFFIX)
        }


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)
