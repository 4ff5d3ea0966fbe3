"""Pages of runs: one badge for many people, looked at before anything is given."""
