"""Refuses bodies that are too large before anything is done with them."""

from __future__ import annotations

from jobs.web.asgi import Application, Message, Receive, Scope, Send

from .problems import too_large


class BodyLimit:
    """An ASGI application in front of another: at most `most` bytes of body, by Content-Length and by counting."""

    def __init__(self, application: Application, most: int) -> None:
        self._application = application
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 413."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
        elif _declared(scope) > self._most:
            await self._refuse(send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        came, answered = 0, False

        async def counting() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise _Exceeded
            return message

        async def noting(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._application(scope, counting, noting)
        except _Exceeded:
            if not answered:
                await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        answer = too_large(f"The body has more than the {self._most:,} bytes that this service takes.").response()
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
        headers += [(b"content-length", b"%d" % len(answer.content)), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})


class _Exceeded(Exception):
    """More came than may."""


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:19])
    return 0
