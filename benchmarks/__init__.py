"""QueueFlow and its peers on the same work, the same machine and the same server, in one run."""
