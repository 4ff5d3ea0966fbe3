"""The kernel: verifiable credentials in pure Python. No Django, no clock, no socket."""
