"""What the strategy `ml` has learned: a small linear model, as plain data."""
