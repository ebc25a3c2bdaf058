"""The REST interface: routers, what goes in and out, access, errors."""
