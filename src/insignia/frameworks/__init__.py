"""Competency frameworks: read from files, kept with their history, browsed as trees, searched."""
