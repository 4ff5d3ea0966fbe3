"""Who issues here: public identities, keys and status lists, and an organization's own settings."""
