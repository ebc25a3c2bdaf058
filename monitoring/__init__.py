"""What people and machines see: pages, live updates, metrics, health and history.

Stands on `scaling` and `jobs`; only `queueflow_site` stands above it.
"""
