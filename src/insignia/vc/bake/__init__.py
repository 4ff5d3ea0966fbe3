"""Credentials inside pictures (Open Badges 3.0, 5.3): put in, take out, the picture otherwise untouched."""

from insignia.vc.bake.png import bake_png, extract_png
from insignia.vc.bake.sniffing import sniff_image
from insignia.vc.bake.svg import bake_svg, extract_svg

__all__ = ["bake_png", "bake_svg", "extract_png", "extract_svg", "sniff_image"]
