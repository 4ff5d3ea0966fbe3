"""A long round of deaths over many awards: `make chaos`. `make test` dies each of them once, in runs/test_faults.py."""
