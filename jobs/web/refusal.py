"""Refusals of the server itself, before any application is asked."""

from __future__ import annotations

from jobs.api.problems import Problem, title, too_large


def too_long(most: int) -> Problem:
    """413 for a body."""
    return too_large(f"The body has more than the {most:,} bytes that this service takes.")


def too_slow(what: str) -> Problem:
    """408 for a request of which not all has come in time."""
    return Problem(408, "request_timeout", f"The {what} did not arrive in time.")


def headers_too_large(size: int, count: int) -> Problem:
    """431."""
    detail = f"The request has more than {count:,} headers, or more than {size:,} bytes of them."
    return Problem(431, "headers_too_large", detail)


def malformed(detail: str = "This is no HTTP request.") -> Problem:
    """400 for what cannot be read as a request."""
    return Problem(400, "malformed_request", detail)


def on_the_wire(problem: Problem) -> bytes:
    """The whole answer, after which the connection closes."""
    reply = problem.reply()
    headers = {**reply.headers, "Content-Length": str(len(reply.content)), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {problem.status} {title(problem.status)}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1") + reply.content
