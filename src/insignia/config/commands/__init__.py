"""Commands that put everything together: serving, working, the demo. `cli/main.py` knows them by name only."""
