"""What the management commands have in common: how processes begin, output, filters, questions, progress, exit codes."""
