"""Insignia: an open-source, self-hosted micro-credential platform."""
