"""The named checks, one per file. Each looks at a `Subject` and gives one result."""
