"""The work itself: plain functions on files and SQLite, usable and testable without a queue."""
