"""One installation over several partitions."""
