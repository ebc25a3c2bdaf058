"""How figures, times and states are written on pages."""
