"""Public pages of badges: the catalogue, a badge to be earned, its permanent addresses and pictures."""
