"""Pictures that people upload: read within limits, keep only what is drawn, refuse by name what could act.

A PNG is decoded and written anew, so that nothing but its pixels survives. An SVG is parsed without DTD or
entities, refused where it holds something that could run, load or explode, rebuilt from an allow-list, and drawn
once by a process of its own with limits on time and memory.
"""

from __future__ import annotations

import io
import re
import warnings

from lxml import etree
from PIL import Image

from insignia.achievements.errors import ImageRefused
from insignia.foundation.confined import ConfinedRefusal, ConfinedStopped, confined_run

MAX_PNG_BYTES, MAX_PIXELS, MAX_CHUNKS = 8 * 2**20, 16_000_000, 1000
MAX_SVG_BYTES, MAX_ELEMENTS, MAX_DEPTH = 512 * 1024, 5000, 64
SMALLEST, STORED = 90, 512
"""Pixels: below `SMALLEST` an upload is refused; a stored picture is at most `STORED` on its longer side."""
RASTER, RASTER_SECONDS = "insignia.achievements.art.raster:raster", 5

_PNG_START = b"\x89PNG\r\n\x1a\n"
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DRAWN = _words("""
svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop
clipPath title desc
""")
_ACTS = _words("""
script foreignObject iframe object embed a image feImage use animate animateTransform animateMotion
set handler audio video link mpath discard
""")
_EXPLODES = _words("filter pattern mask marker symbol switch")
_ATTRIBUTES = _words("""
id d x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height points viewBox preserveAspectRatio
transform fill fill-rule fill-opacity clip-rule clip-path clipPathUnits stroke stroke-width stroke-
linecap stroke-linejoin stroke-miterlimit stroke-opacity opacity offset stop-color stop-opacity
gradientUnits gradientTransform spreadMethod color display visibility version
""")
_LOCAL = re.compile(r"url\(\s*['\"]?#[A-Za-z_][\w.-]*['\"]?\s*\)(?:\s+(?:none|#[0-9a-fA-F]{3,8}))?")
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,80}")
_FOREIGN = re.compile(r"url\(|javascript:|data:|expression\(|@import|\\", re.IGNORECASE)


def upload_kind(raw: bytes) -> str:
    """Tell `png` from `svg` by the bytes themselves.

    Raises:
        ImageRefused: neither.
    """
    if raw.startswith(_PNG_START):
        return "png"
    if raw[:3] == b"\xef\xbb\xbf" or raw.lstrip()[:1] == b"<":
        return "svg"
    raise _refused("not-a-picture", "This is neither a PNG nor an SVG. Save the picture as one of them.")


def png_clean(raw: bytes) -> bytes:
    """Decode a PNG within limits and write its pixels anew, at most 512 on the longer side.

    Raises:
        ImageRefused: too large in bytes or pixels, too small, animated, or unreadable.
    """
    if len(raw) > MAX_PNG_BYTES:
        raise _refused("image-too-large", f"A picture has at most {MAX_PNG_BYTES // 2**20} MiB. Save it smaller.")
    _check_chunks(raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=["PNG"]) as opened:
                _check_size(opened.size)
                _check_still(opened)
                pixels = opened.convert("RGBA")
    except ImageRefused:
        raise
    except Exception as error:  # whatever a decoder stumbles over, the answer is the same
        raise _refused("png-unreadable", "This PNG is damaged. Save it again and upload that.") from error
    pixels.thumbnail((STORED, STORED), Image.Resampling.LANCZOS)
    return _written(pixels)


def _check_chunks(raw: bytes) -> None:
    """Walk the chunks before a decoder sees them: lengths that fit, not too many, one end and nothing after it."""
    place = len(_PNG_START)
    for _count in range(MAX_CHUNKS):
        length, kind = int.from_bytes(raw[place : place + 4], "big"), raw[place + 4 : place + 8]
        place += 12 + length
        if place > len(raw) or len(kind) < 4:
            raise _refused("png-unreadable", "This PNG is cut off. Save it again and upload that.")
        if kind == b"IEND":
            if place != len(raw):
                raise _refused("png-trailing", "Something is hidden behind this picture. Save it again as PNG.")
            return
    raise _refused("image-too-large", "This PNG has too many parts. Save it again and upload that.")


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise _refused("image-too-large", f"A picture has at most {MAX_PIXELS // 1_000_000} million pixels.")
    if min(size) < SMALLEST:
        raise _refused("image-too-small", f"A picture is at least {SMALLEST} pixels wide and high.")
    if max(size) > 4 * min(size):
        raise _refused("image-too-narrow", "A picture is at most four times as long as it is wide.")


def _check_still(opened: Image.Image) -> None:
    if getattr(opened, "n_frames", 1) > 1:
        raise _refused("animated", "A badge does not move. Upload a still picture.")


def _written(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "PNG", optimize=True)
    return out.getvalue()


def png_resized(png: bytes, pixels: int) -> bytes:
    """Scale a stored PNG to `pixels` wide, never beyond its own size."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        image = opened.convert("RGBA")
    image.thumbnail((max(1, pixels), max(1, pixels)), Image.Resampling.LANCZOS)
    return _written(image)


def png_size(png: bytes) -> tuple[int, int]:
    """Read width and height of a stored PNG."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def svg_clean(raw: bytes) -> str:
    """Rebuild an SVG from what is drawn; style attributes become presentation attributes.

    Raises:
        ImageRefused: too large, not an SVG, or it holds what could run, load or explode.
    """
    if len(raw) > MAX_SVG_BYTES:
        raise _refused("svg-too-complex", f"An SVG has at most {MAX_SVG_BYTES // 1024} KiB. Simplify it.")
    root = _parsed(raw)
    _check_tree(root)
    clean = etree.Element(f"{{{_SVG}}}svg", nsmap={None: _SVG})  # type: ignore[dict-item]  # lxml's stubs forget the default namespace
    _copy(root, clean)
    _fit(clean)
    return etree.tostring(clean, encoding="unicode")


def _parsed(raw: bytes) -> etree._Element:
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\x00" in raw:
        raise _refused("svg-doctype", "This SVG declares a document type. Save it as plain SVG.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused("svg-unreadable", "This SVG is damaged. Save it again as plain SVG.") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise _refused("svg-unreadable", "This file is not an SVG picture.")
    return root


def _check_tree(root: etree._Element) -> None:
    """Look at every element and attribute once, before anything is copied."""
    depths = {root: 1}
    for count, element in enumerate(root.iter(), start=1):
        parent = element.getparent()
        depth = depths[element] = 1 if parent is None else depths[parent] + 1
        if count > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise _refused(
                "svg-too-complex", f"An SVG has at most {MAX_ELEMENTS} parts, {MAX_DEPTH} deep. Simplify it."
            )
        _check_element(element)


def _check_element(element: etree._Element) -> None:
    name = _local(element)
    # XHTML inside SVG acts as a page does, whatever its elements are called.
    foreign = str(element.tag).startswith("{http://www.w3.org/1999/xhtml}")
    if name in _ACTS or foreign:
        raise _refused(
            "svg-acts", f"This SVG holds <{name}>, which can run or load something. Draw it with paths."
        )
    if name == "style":
        raise _refused("svg-style", "This SVG has a style sheet. Save it with presentation attributes instead.")
    if name in _EXPLODES:
        raise _refused("svg-too-complex", f"This SVG uses <{name}>. Flatten the effects and save it as plain SVG.")
    if name in ("text", "tspan", "textPath") and str(element.tag).startswith(f"{{{_SVG}}}"):
        raise _refused("svg-text", "This SVG has text that depends on a font. Turn the text into outlines.")
    for key, value in element.attrib.items():
        _check_attribute(str(key), str(value))


def _check_attribute(key: str, value: str) -> None:
    name = key.rpartition("}")[2].lower()
    squeezed = re.sub(r"[\s\x00-\x1f]+", "", value).lower()
    if name.startswith("on"):
        raise _refused("svg-acts", f"This SVG has the handler {name[:30]}, which can run something.")
    if name in ("href", "src", "base") and not value.startswith("#"):
        raise _refused("svg-loads", "This SVG refers to something outside. Put everything into the picture.")
    if "javascript:" in squeezed or "data:" in squeezed:
        raise _refused("svg-loads", "This SVG refers to something outside. Put everything into the picture.")
    if "url(" in squeezed and _FOREIGN.search(_LOCAL.sub("", value)):
        raise _refused("svg-loads", "This SVG refers to something outside. Put everything into the picture.")


def _copy(source: etree._Element, target: etree._Element) -> None:
    for key, value in _attributes(source).items():
        target.set(key, value)
    if _local(source) in ("title", "desc"):
        target.text = "".join(str(part) for part in source.itertext())[:500]
        return
    for child in source:
        if str(child.tag).startswith(f"{{{_SVG}}}") and _local(child) in _DRAWN:
            _copy(child, etree.SubElement(target, f"{{{_SVG}}}{_local(child)}"))


def _attributes(element: etree._Element) -> dict[str, str]:
    kept = {}
    for key, value in [*element.attrib.items(), *_declarations(str(element.get("style", "")))]:
        if key in _ATTRIBUTES and _harmless(str(value)):
            kept[str(key)] = str(value)
    reference = element.get(_XLINK) or element.get("href")
    if _local(element) in ("linearGradient", "radialGradient") and reference and _NAME.fullmatch(reference[1:]):
        kept["href"] = f"#{reference[1:]}"
    return kept


def _declarations(style: str) -> list[tuple[str, str]]:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return [(name.strip(), value.strip().removesuffix("!important").strip()) for name, value in pairs]


def _harmless(value: str) -> bool:
    return bool(_LOCAL.fullmatch(value.strip())) or not _FOREIGN.search(value)


def _fit(root: etree._Element) -> None:
    """Give the picture a viewBox, which makes it scale, and drop a size in other units than pixels."""
    box = [_number(part) for part in re.split(r"[\s,]+", str(root.get("viewBox", "")).strip())]
    size = [_number(str(root.get(name, "")).removesuffix("px")) for name in ("width", "height")]
    if len(box) != 4:
        box = [0.0, 0.0, *size]
    width, height = box[2] or 0.0, box[3] or 0.0
    if None in box or not (0 < width <= 100_000 and 0 < height <= 100_000):
        raise _refused("svg-unreadable", "This SVG does not say how large it is. Give it a viewBox.")
    if max(width, height) > 4 * min(width, height):
        raise _refused("image-too-narrow", "A picture is at most four times as long as it is wide.")
    root.set("viewBox", " ".join(f"{part:g}" for part in box))
    scale = STORED / max(width, height)
    root.set("width", f"{width * scale:g}")
    root.set("height", f"{height * scale:g}")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def svg_rasterized(svg: str) -> bytes:
    """Draw a cleaned SVG in a process of its own, which is killed when it takes too long or too much memory.

    Raises:
        ImageRefused: it could not be drawn within the limits.
    """
    try:
        drawn = confined_run(RASTER, svg.encode(), str(STORED), seconds=RASTER_SECONDS)
    except (ConfinedStopped, ConfinedRefusal) as error:
        raise _refused("svg-too-complex", "This SVG cannot be drawn in time. Simplify it.") from error
    if not drawn.startswith(_PNG_START):
        raise _refused("svg-too-complex", "This SVG cannot be drawn. Simplify it and save it as plain SVG.")
    return drawn


def _refused(reason: str, sentence: str) -> ImageRefused:
    return ImageRefused(sentence, fields={"image": sentence}, reason=reason)
