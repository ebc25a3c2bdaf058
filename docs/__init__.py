"""The documentation, and what makes parts of it: `make docs`, `make reference`, `make screenshots`."""
