"""Issuing: whatever is signed here passes this domain (profiles, keys, slots, status lists, the sign step)."""
