"""From evidence to a decision: submissions, attempts, evidence, leases, ratings, decisions."""
