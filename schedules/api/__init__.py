"""Schedules over REST: one module for what comes in, one for what goes out, one for what is done."""
