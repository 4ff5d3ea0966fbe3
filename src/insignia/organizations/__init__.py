"""Schools, colleges, employers: who belongs to them and what each may do there."""
