"""Exact dates, the same everywhere: 14 May 2026, 14 de mayo de 2026."""
