"""Pages of organizations: who belongs, who is invited, what happened."""
