"""What scaling adds to the REST API."""
