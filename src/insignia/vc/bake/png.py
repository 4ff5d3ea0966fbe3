"""Baking into PNG (Open Badges 3.0, 5.3.2.1): one uncompressed iTXt chunk, keyword `openbadgecredential`."""

from __future__ import annotations

from insignia.vc.bake.chunks import read_picture, write_picture
from insignia.vc.bake.secured import secured_form
from insignia.vc.bake.texts import Text, read_texts, write_text
from insignia.vc.errors import (
    CredentialsInImage,
    ImageMalformed,
    ImageTooLarge,
    ImageUnsupported,
    PngTextTooLarge,
)
from insignia.vc.limits import DEFAULT_LIMITS, Limits

KEYWORD = b"openbadgecredential"
OTHER_STANDARDS = {b"openbadges": "Open Badges 2", b"clrcredential": "Comprehensive Learner Record 2"}


def bake_png(png: bytes, credential: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Put a credential into a PNG right behind its header; every other byte stays as it was.

    Args:
        png: the picture.
        credential: JSON or a compact token, UTF-8, as signed.
        limits: the largest picture and text.

    Raises:
        ImageMalformed: the picture is broken, or something stands behind its end.
        ImageTooLarge, PngTextTooLarge: the picture, or the credential, is larger than we read back.
        CredentialsInImage: the picture holds a credential already.
        MalformedCredential: neither JSON nor a token.
    """
    secured_form(credential)
    if len(credential) > limits.png_text_bytes:
        raise PngTextTooLarge(f"A credential in a PNG has at most {limits.png_text_bytes} bytes.")
    picture = read_picture(png, limits)
    if picture.trailing:
        raise ImageMalformed("Something stands behind the end of the picture. Save it again as PNG.")
    if _named(read_texts(picture.chunks, limits.png_text_bytes), KEYWORD):
        raise CredentialsInImage("The picture holds a credential already. Take one without.")
    header, *rest = picture.chunks
    baked = write_picture((header, write_text(KEYWORD, credential), *rest))
    if len(baked) > limits.png_bytes or len(picture.chunks) >= limits.png_chunks:
        raise ImageTooLarge("With the credential, the picture would be larger than anyone here reads back.")
    return baked


def extract_png(png: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Take the credential out of a PNG, as it was put in. A compressed iTXt is read too, though none should be.

    Raises:
        ImageMalformed: the picture is broken, or its credential stands in another kind of chunk.
        ImageTooLarge, PngTextTooLarge: beyond the limits.
        CredentialsInImage: no credential, or more than one.
        ImageUnsupported: a badge of another standard stands in it.
    """
    texts = read_texts(read_picture(png, limits).chunks, limits.png_text_bytes)
    found = _named(texts, KEYWORD)
    if not found:
        raise _absence(texts)
    if len(found) > 1:
        raise CredentialsInImage("The picture holds more than one credential. Nobody can say which one counts.")
    if found[0].kind != b"iTXt":
        raise ImageMalformed("The credential stands in a kind of text that cannot hold every letter.")
    if len(found[0].value) > limits.png_text_bytes:
        raise PngTextTooLarge(f"The credential in the picture has more than {limits.png_text_bytes} bytes.")
    return found[0].value


def _named(texts: tuple[Text, ...], keyword: bytes) -> list[Text]:
    return [text for text in texts if text.keyword == keyword]


def _absence(texts: tuple[Text, ...]) -> CredentialsInImage | ImageUnsupported:
    for keyword, standard in OTHER_STANDARDS.items():
        if _named(texts, keyword):
            return ImageUnsupported(f"The picture holds a badge of {standard}: not judged yet.", standard=standard)
    return CredentialsInImage("The picture holds no credential. A copy sent through a chat or gallery loses it.")
