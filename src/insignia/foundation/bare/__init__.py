"""Copies without metadata: a file as everybody but its maker sees it.

Start at `copies.py`. What becomes of which kind of file: `docs/adr/0013-copies-without-names.md`.
"""
