"""Pages of frameworks: the skills that badges certify, open to all; importing them, for authors."""
