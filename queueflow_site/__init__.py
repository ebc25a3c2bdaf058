"""The composition root: settings, addresses and the ASGI application. No logic."""
