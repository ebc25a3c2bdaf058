"""Breaking things on purpose: real processes, real signals, and an account of every job afterwards."""
