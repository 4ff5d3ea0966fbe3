"""`insignia bake` and `insignia extract`: a credential into a picture, and out again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from insignia.cli.reading import STANDARD_INPUT, read_file
from insignia.vc.bake import bake_png, bake_svg, sniff_image
from insignia.vc.open import open_bytes


@click.command()
@click.argument("picture", metavar="PICTURE")
@click.argument("credential", metavar="CREDENTIAL")
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="Where the baked picture goes; - for standard output."
)
def bake(*, picture: str, credential: str, output: str) -> None:
    """Put CREDENTIAL (JSON or token) into PICTURE (PNG or SVG); the picture stays otherwise as it is."""
    image, secured = read_file(picture), read_file(credential).strip()
    kind = sniff_image(image)
    if kind is None:
        raise click.UsageError(f"{picture} is neither a PNG nor an SVG.")
    write_file(output, bake_png(image, secured) if kind == "png" else bake_svg(image, secured))


@click.command()
@click.argument("picture", metavar="FILE")
@click.option(
    "-o", "--output", default=STANDARD_INPUT, metavar="FILE", help="Where the credential goes (standard output)."
)
def extract(*, picture: str, output: str) -> None:
    """Take the credential out of a PNG or SVG, byte for byte, without judging it."""
    raw = read_file(picture)
    if sniff_image(raw) is None:
        raise click.UsageError(f"{picture} is neither a PNG nor an SVG.")
    write_file(output, open_bytes(raw).secured)


def write_file(name: str, raw: bytes) -> None:
    """Write a file, or standard output for "-".

    Raises:
        UsageError: it cannot be written.
    """
    if name == STANDARD_INPUT:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        Path(name).write_bytes(raw)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise click.UsageError(f"{name} cannot be written: {reason}.") from error
