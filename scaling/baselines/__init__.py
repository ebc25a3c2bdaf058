"""How others decide, for comparison in simulations. No policy offers them by name."""
