"""Takes the screenshots of the documentation from a running installation: `make screenshots`."""
