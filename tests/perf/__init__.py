"""What the dashboard costs on a full store: `python -m tests.perf` fills one with a million jobs and measures."""
