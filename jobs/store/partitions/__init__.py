"""One installation over several partitions: each class here is one of the store's, spread over all of them.

A partition is a store of its own, with keys and perhaps a server of its own. Jobs lie where their ids say. What is
known of the installation rather than of jobs (workers, pools, scaling, history, bulk operations) lies in the first one,
which is called home. Nothing above `jobs.store` knows, but for those that work a partition at a time: `Store.parts`.
"""
