"""How many workers: policies, strategies, guards, the scaler process and its decisions.

Stands on `jobs` and knows nothing of `monitoring`.
"""
