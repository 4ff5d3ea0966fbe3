"""Frozen values of Open Badges 3.0: what a credential says, before and after it is JSON."""
