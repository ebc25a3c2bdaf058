"""A load test with Locust: `make load` runs it against a running `make run`.

It runs in a virtual environment of its own, so that nothing here but the tests may import what Locust does not bring.
"""
