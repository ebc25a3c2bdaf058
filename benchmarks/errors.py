"""What can go wrong in a benchmark run."""


class BenchmarkError(Exception):
    """A subject, the server or the environment did not do its part; the text says which and why."""
