"""From bytes to text: UTF-8 if it is, UTF-16 by its mark, else Windows-1252 and a finding."""

from __future__ import annotations

import codecs

from insignia.frameworks.errors import FrameworkTooLarge
from insignia.frameworks.findings import Findings
from insignia.frameworks.source import MAX_BYTES

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(raw: bytes, findings: Findings) -> str:
    """Read the bytes as text; whatever they are, this gives some text.

    Raises:
        FrameworkTooLarge: more bytes than we take.
    """
    if len(raw) > MAX_BYTES:
        size = MAX_BYTES // 2**20
        raise FrameworkTooLarge(
            f"The file is larger than {size} MB. Split it into several frameworks.", limit=MAX_BYTES
        )
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            if encoding != "utf-8":
                findings.note("encoding-guessed", "file", encoding=encoding.upper())
            return raw[len(mark) :].decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        findings.note("encoding-guessed", "file", encoding="Windows-1252")
        return raw.decode("cp1252", errors="replace")
