"""Handlers that do real work on a small scale: what ``make run`` shows.

``examples.work`` holds the work as plain functions that know nothing of queues; ``examples.handlers`` makes jobs of
them.
"""
