"""The test kit: what more than one suite needs."""
