"""The web process: Daphne with a drain of its own."""
