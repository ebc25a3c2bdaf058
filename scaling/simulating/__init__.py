"""Runs simulations for web processes, in processes of their own: they take a core for seconds, and memory."""
