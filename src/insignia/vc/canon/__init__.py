"""Canonical bytes: of an RDF graph (RDFC-1.0) and of plain JSON (RFC 8785)."""

from insignia.vc.canon.graph import dropped_terms, rdfc_canonicalize
from insignia.vc.canon.plain import jcs
from insignia.vc.canon.terms import context_urls

__all__ = ["context_urls", "dropped_terms", "jcs", "rdfc_canonicalize"]
