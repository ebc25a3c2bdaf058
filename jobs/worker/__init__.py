"""Workers and the pool that runs them.

A supervisor (`supervisor`, `pool`) forks worker processes and one maintenance process and runs no job itself. A worker
process (`process`) claims, runs and settles jobs with at most three connections to the store. What a worker is doing
lies in memory that it shares with its supervisor (`table`), so that a stuck or dead one can be judged from outside.
"""
