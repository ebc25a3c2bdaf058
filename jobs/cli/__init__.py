"""What the management commands for people have in common: output, filters, questions, progress, exit codes."""
