"""The limits themselves. Each name says its unit."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True)
class Limits:
    """Bounds of every input the kernel reads; over one is a named error."""

    file_bytes: int = 20 * MIB
    json_depth: int = 64
    json_nodes: int = 50_000
    json_string_bytes: int = 1 * MIB
    json_number_digits: int = 40
    contexts: int = 8
    quads: int = 20_000
    graph_characters: int = 32 * MIB
    blank_nodes: int = 2_000
    canon_steps: int = 20_000
    proofs: int = 8
    did_keys: int = 100
    did_bytes: int = 256 * KIB
    jwt_bytes: int = 1 * MIB
    jwt_header_bytes: int = 4 * KIB
    png_bytes: int = 8 * MIB
    png_pixels: int = 16_000_000
    png_chunks: int = 1_000
    png_text_bytes: int = 1 * MIB
    svg_bytes: int = 512 * KIB
    svg_elements: int = 5_000
    svg_depth: int = 64
    images: int = 20
    evidence: int = 200
    status_list_bytes: int = 16 * MIB


DEFAULT_LIMITS = Limits()
