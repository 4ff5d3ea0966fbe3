"""JPEG and PNG pictures inside documents: what is drawn stays to the byte, what a camera wrote goes."""

from __future__ import annotations

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Application segments that say how to draw; all others hold places, names, previews."""
PNG_DROPPED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"dSIG"})
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
SCAN, END = 0xDA, 0xD9


def picture_bare(raw: bytes) -> bytes:
    """Give a JPEG or PNG without metadata; anything else, and what cannot be followed, comes back as nothing new.

    A picture that breaks off keeps what is drawn of it and loses the rest.
    """
    if raw.startswith(JPEG_START):
        return _jpeg_bare(raw)
    return _png_bare(raw) if raw.startswith(PNG_START) else raw


def _jpeg_bare(raw: bytes) -> bytes:
    kept, place = [raw[:2]], 2
    while place + 4 <= len(raw) and raw[place] == 0xFF:
        marker = raw[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        if marker == END:
            break
        if marker in ALONE:
            kept.append(raw[place : place + 2])
            place += 2
            continue
        end = place + 2 + int.from_bytes(raw[place + 2 : place + 4], "big")
        if _jpeg_segment_stays(marker, raw[place + 4 : place + 20]):
            kept.append(raw[place:end])
        place = end
        if marker == SCAN:
            scanned = _scan_end(raw, place)
            kept.append(raw[place:scanned])
            place = scanned
    kept.append(b"\xff\xd9")
    return b"".join(kept)


def _jpeg_segment_stays(marker: int, head: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return marker in JPEG_KEPT and head.startswith(JPEG_KEPT[marker])
    return marker != 0xFE  # a comment


def _scan_end(raw: bytes, place: int) -> int:
    """Find the next marker after entropy-coded bytes, where FF is followed by 00 or a restart."""
    while (place := raw.find(b"\xff", place)) >= 0 and place + 1 < len(raw):
        follower = raw[place + 1]
        if follower not in {0x00, 0xFF, *range(0xD0, 0xD8)}:
            return place
        place += 1 if follower == 0xFF else 2
    return len(raw)


def _png_bare(raw: bytes) -> bytes:
    kept, place = [PNG_START], len(PNG_START)
    while place + 12 <= len(raw):
        kind = raw[place + 4 : place + 8]
        end = place + 12 + int.from_bytes(raw[place : place + 4], "big")
        if kind not in PNG_DROPPED:
            kept.append(raw[place:end])
        place = end
        if kind == b"IEND":
            break
    return b"".join(kept)
