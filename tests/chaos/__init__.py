"""A long round of deaths over many awards: `make chaos`. `make test` dies each once, in runs/test_faults.py."""
