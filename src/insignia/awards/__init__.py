"""Awards: a badge given to a person; issued from a decision, claimed, shown, paused, revoked."""
