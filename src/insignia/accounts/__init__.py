"""People: who they are, how they sign in, what they or their guardians agreed to."""
