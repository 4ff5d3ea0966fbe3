"""Other implementations and the bare arithmetic, at the same work on the same credential."""
