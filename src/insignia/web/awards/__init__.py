"""Pages of awards: the proof anybody can read, its machine copies, claiming, showing, the registrar's list."""
