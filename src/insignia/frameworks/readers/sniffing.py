"""Any bytes to a `Source`: find out what the file is, and let that format's reader read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.frameworks.errors import NotAFramework
from insignia.frameworks.findings import Findings
from insignia.frameworks.readers.case_package import is_case_package, read_case_package
from insignia.frameworks.readers.ctdl_asn import is_ctdl_asn, read_ctdl_asn
from insignia.frameworks.readers.decoding import decoded
from insignia.frameworks.readers.digcomp import is_digcomp, read_digcomp
from insignia.frameworks.readers.json_file import json_value
from insignia.frameworks.readers.opensalt_csv import is_opensalt_csv, read_opensalt_csv

if TYPE_CHECKING:
    from insignia.frameworks.source import Source

ACCEPTED = "Insignia reads CASE packages (JSON), OpenSALT tables (CSV), CTDL-ASN graphs and DigComp 3.0 (JSON-LD)."
# First bytes of files that people send by mistake, and what to do instead.
_OTHERS = (
    (b"PK\x03\x04", "This is a ZIP archive or an Excel workbook. Save the sheet as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel or Word file. Save the sheet as CSV (UTF-8)."),
    (b"%PDF", "This is a PDF. Ask the publisher for the CASE package."),
    (b"\x89PNG", "This is a picture."),
    (b"\xff\xd8\xff", "This is a picture."),
    (b"\x1f\x8b", "This is a compressed file. Unpack it first."),
)


def read_source(raw: bytes, *, filename: str) -> Source:
    """Read a framework file of any format we know; the content decides, never the name.

    Raises:
        NotAFramework: it is something else; the sentence says what we take.
        FrameworkUnreadable, FrameworkEmpty, FrameworkTooLarge.
    """
    for mark, sentence in _OTHERS:
        if raw.startswith(mark):
            raise NotAFramework(f"{sentence} {ACCEPTED}")
    findings = Findings()
    text = decoded(raw, findings)
    start = text.lstrip()[:1]
    if not start:
        raise NotAFramework(f"The file is empty. {ACCEPTED}")
    if start in "{[":
        return _read_json(text, filename, findings)
    if start == "<":
        raise NotAFramework(f"This is a web page or XML. {ACCEPTED}")
    if is_opensalt_csv(text):
        return read_opensalt_csv(text, filename=filename, findings=findings)
    raise NotAFramework(f"This file is no framework that we know. {ACCEPTED}")


def _read_json(text: str, filename: str, findings: Findings) -> Source:
    value = json_value(text)
    if is_case_package(value):
        return read_case_package(value, filename=filename, findings=findings)
    if is_ctdl_asn(value):
        return read_ctdl_asn(value, filename=filename, findings=findings)
    if is_digcomp(value):
        return read_digcomp(value, findings=findings)
    raise NotAFramework(f"This JSON is no framework that we know. {ACCEPTED}")
