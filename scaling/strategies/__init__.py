"""Rules that say how many workers a pool should have. Pure: they read no clock, no store and no settings."""
