"""What the auditor checks, apart from how it walks: rules for one job, tallies of all, findings."""
