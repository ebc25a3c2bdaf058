"""deploy/prometheus and deploy/grafana: read here, and run by `python -m tests.deploy.prometheus`."""
