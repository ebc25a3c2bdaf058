"""The parts of the inspector: lists and searches, one job's full view, figures."""
