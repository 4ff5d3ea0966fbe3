"""Issuing: whatever this installation signs passes here (profiles, keys, slots, status lists, the sign step)."""
