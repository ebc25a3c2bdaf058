"""Cron schedules: which job is enqueued when. One process at a time does it, and each tick makes one job."""
