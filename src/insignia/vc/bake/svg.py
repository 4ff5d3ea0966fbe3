"""Baking into SVG (Open Badges 3.0, 5.3.2.2): `<openbadges:credential>` as the first child of the picture.

The picture is parsed to learn that it is sound, and then changed as text in two places, so that whatever else
stands in it stays as it was.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from insignia.vc.bake.secured import secured_form
from insignia.vc.errors import (
    CredentialsInImage,
    ImageMalformed,
    ImageUnsupported,
    MalformedCredential,
    SvgTooComplex,
)
from insignia.vc.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from lxml import etree

SVG = "http://www.w3.org/2000/svg"
OPENBADGES = "https://purl.imsglobal.org/ob/v3p0"
CREDENTIAL = f"{{{OPENBADGES}}}credential"
OTHER_STANDARDS = {
    "{http://openbadges.org}assertion": "Open Badges 2",
    "{https://purl.imsglobal.org/clr/v2p0}credential": "Comprehensive Learner Record 2",
}
BOM = "\ufeff"
# What may stand before the picture: declarations and comments, and a document type without a subset of its own.
PROLOG = re.compile(r"""\s*(?:(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^>\["']|"[^"]*"|'[^']*')*>)\s*)*""", re.DOTALL)
START_TAG = re.compile(r"""<([^\s/>]+)((?:[^>"'/]|"[^"]*"|'[^']*'|/(?!>))*)(/?)>""", re.DOTALL)
DECLARED_ENCODING = re.compile(r"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']""")
OUR_PREFIX = re.compile(r"""\sxmlns:openbadges\s*=\s*["']([^"']*)["']""")
# XML 1.0 has no way to write these, not even as references.
UNWRITABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def bake_svg(svg: bytes, credential: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Put a credential into an SVG as its first child: JSON as CDATA, a token in the attribute `verify`.

    Args:
        svg: the picture, UTF-8.
        credential: JSON or a compact token, UTF-8, as signed.
        limits: the largest picture, before and after.

    Raises:
        ImageMalformed, SvgTooComplex: the picture cannot be read, or is too large.
        ImageUnsupported: the picture says that it is written in something else than UTF-8.
        CredentialsInImage: the picture holds a credential already.
        MalformedCredential: neither JSON nor a token, or with a sign that XML cannot carry.
    """
    root = _parse(svg, limits)
    if next(root.iter(CREDENTIAL), None) is not None:
        raise CredentialsInImage("The picture holds a credential already. Take one without.")
    text = svg.decode("utf-8")
    _encoding_check(text)
    baked = _insert(text, _content(credential)).encode("utf-8")
    if extract_svg(baked, limits=limits) != credential:
        # whitespace around the JSON is the one thing that does not come back
        raise MalformedCredential(
            "The credential has something around it. Give it without spaces before and after."
        )
    return baked


def extract_svg(svg: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Take the credential out of an SVG, as it was put in.

    Raises:
        ImageMalformed: not an SVG that can be read, or a credential element that holds other elements.
        SvgTooComplex: beyond the limits.
        CredentialsInImage: no credential, or more than one.
        ImageUnsupported: a badge of another standard stands in it.
    """
    root = _parse(svg, limits)
    found = list(root.iter(CREDENTIAL))
    if not found:
        raise _absence(root)
    if len(found) > 1:
        raise CredentialsInImage("The picture holds more than one credential. Nobody can say which one counts.")
    if found[0].getparent() is not root or len(found[0]):
        raise ImageMalformed("The credential does not stand where Open Badges 3.0 puts it in an SVG.")
    return _value(found[0])


def _value(element: etree._Element) -> bytes:
    body = str(element.text or "").strip()
    token = str(element.get("verify") or "").strip()
    if body and token:
        raise CredentialsInImage("The picture holds more than one credential. Nobody can say which one counts.")
    if not body and not token:
        raise CredentialsInImage("The picture has a place for a credential, and it is empty.")
    return (body or token).encode("utf-8")


def _absence(root: etree._Element) -> CredentialsInImage | ImageUnsupported:
    for tag, standard in OTHER_STANDARDS.items():
        if next(root.iter(tag), None) is not None:
            return ImageUnsupported(f"The picture holds a badge of {standard}: not judged yet.", standard=standard)
    return CredentialsInImage("The picture holds no credential. Saving it with a drawing program can lose it.")


def _parse(svg: bytes, limits: Limits) -> etree._Element:
    from lxml import etree  # costs 20 ms, which most files do not need

    if len(svg) > limits.svg_bytes:
        raise SvgTooComplex(f"The picture has more than {limits.svg_bytes} bytes.")
    _prolog_check(svg)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(svg, parser)
    except (etree.LxmlError, ValueError) as error:
        if "depth" in str(error):
            raise SvgTooComplex(f"The picture nests its parts more than {limits.svg_depth} deep.") from error
        raise ImageMalformed("The picture is not an SVG that can be read.") from error
    if root.tag != f"{{{SVG}}}svg":
        raise ImageMalformed("This is markup, but not an SVG picture.")
    _size_check(root, limits)
    return root


def _prolog_check(svg: bytes) -> None:
    """Refuse entities before any parser sees them: only a document type with a subset can declare one."""
    try:
        text = svg.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        raise ImageMalformed("The picture is not written in UTF-8.") from error
    prolog = PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if text.startswith("<!DOCTYPE", start):
        raise ImageMalformed("The picture declares words of its own. Save it as plain SVG.")


def _size_check(root: etree._Element, limits: Limits) -> None:
    depths = {root: 1}
    for count, element in enumerate(root.iter(), start=1):
        parent = element.getparent()
        depth = depths[element] = 1 if parent is None else depths[parent] + 1
        if count > limits.svg_elements or depth > limits.svg_depth:
            raise SvgTooComplex(
                f"The picture has more than {limits.svg_elements} parts, or nests them more than "
                f"{limits.svg_depth} deep."
            )


def _encoding_check(text: str) -> None:
    declared = DECLARED_ENCODING.match(text.removeprefix(BOM))
    if declared and declared[1].lower() not in {"utf-8", "utf8"}:
        raise ImageUnsupported(f"The picture is written in {declared[1][:30]}. Save it in UTF-8.")


def _content(credential: bytes) -> tuple[str, str]:
    """Give attribute and content of the credential element."""
    form = secured_form(credential)
    text = credential.decode("utf-8")
    if form == "token":
        return f' verify="{escape(text)}"', ""
    if UNWRITABLE.search(text):
        raise MalformedCredential("The credential holds a sign that an SVG cannot carry.")
    # a CDATA section ends at the first "]]>", and XML turns a carriage return into a line feed
    safe = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return "", f"<![CDATA[{safe}]]>"


def _insert(text: str, content: tuple[str, str]) -> str:
    prolog = PROLOG.match(text.removeprefix(BOM))
    start = (prolog.end() if prolog else 0) + (1 if text.startswith(BOM) else 0)
    tag = START_TAG.match(text, start)
    if tag is None:
        raise ImageMalformed("The picture's first tag cannot be found.")
    name, attributes, closed = tag[1], tag[2], tag[3]
    bound = OUR_PREFIX.search(attributes)
    declaration = f' xmlns:openbadges="{OPENBADGES}"'
    on_root = "" if bound else declaration
    on_child = declaration if bound and bound[1] != OPENBADGES else ""
    attribute, body = content
    child = f"<openbadges:credential{on_child}{attribute}>{body}</openbadges:credential>"
    end = f"</{name}>" if closed else ""
    return f"{text[:start]}<{name}{attributes}{on_root}>{child}{end}{text[tag.end() :]}"
