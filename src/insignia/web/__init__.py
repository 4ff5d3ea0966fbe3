"""The door for people: HTML pages. Load, one domain call, render; the logic lies in the domains below."""
