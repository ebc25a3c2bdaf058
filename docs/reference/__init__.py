"""Writes the pages that are made from code: `make reference`. A test holds them against it."""
