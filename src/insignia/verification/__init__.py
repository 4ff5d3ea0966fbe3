"""Checking any credential: ours from the database, anybody's through the guarded fetcher."""
