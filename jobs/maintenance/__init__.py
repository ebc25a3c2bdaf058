"""What keeps the store in order: promotion, reaping, pruning, bulk operations. Runs no jobs.

Each duty has one leader among all processes that stand for it; see `crew` for the list.
"""
