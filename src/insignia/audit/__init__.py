"""The append-only, hash-chained record: who did what to which thing, old and new."""
