"""What POST /api/jobs costs beside a bare ASGI application that makes the same store call behind the same server."""
