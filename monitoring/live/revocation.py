"""Tells all web processes when somebody may look no longer: at a log-out, and when a person or a right changes.

This is all that goes over the channel layer. It is a matter of seconds, not of safety: each process looks for itself
as well. So what is lost with the store is lost, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

from channels_redis.pubsub import RedisPubSubChannelLayer
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from jobs.conf import Config, get_config
from jobs.server.discovery import find_server
from jobs.store.layer import channel_host

from .visitors import mark_of

logger = logging.getLogger(__name__)

GROUP: Final = "revocations"
TELL_SECONDS: Final = 2.0
LOGIN_FIELDS: Final = frozenset({"last_login"})

News = dict[str, Any]
_listeners: list[Callable[[News], None]] = []  # of this process; they are called in any thread


def connect() -> None:
    """Hear of what ends a right to look."""
    user = get_user_model()
    user_logged_out.connect(_logged_out, dispatch_uid="monitoring.live.logged_out")
    post_delete.connect(_session_gone, sender=Session, dispatch_uid="monitoring.live.session_gone")
    for signal, name in ((post_save, "saved"), (post_delete, "deleted")):
        signal.connect(_user_changed, sender=user, dispatch_uid=f"monitoring.live.user_{name}")
    for through in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_rights_changed, sender=through, dispatch_uid=f"monitoring.live.{through.__name__}")
    post_delete.connect(_rights_changed, sender=Group, dispatch_uid="monitoring.live.group_deleted")


def listen(hear: Callable[[News], None]) -> None:
    """Have a function called with the news of this process."""
    _listeners.append(hear)


def open_layer(config: Config) -> RedisPubSubChannelLayer | None:
    """The channel layer on the store's server; None while there is none."""
    first, *_ = (*config.partitions.urls, config.redis_url)
    place = channel_host(config, find_server(config.var_dir) if config.is_embedded else first)
    if place is None:
        return None
    host = place | {"socket_connect_timeout": TELL_SECONDS, "socket_timeout": None}
    return RedisPubSubChannelLayer(hosts=[host], prefix=f"{config.prefix}live")


def _logged_out(request: Any, **_: Any) -> None:
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        _tell({"session": mark_of(key)})


def _session_gone(instance: Any, **_: Any) -> None:
    _tell({"session": mark_of(instance.session_key)})


def _user_changed(instance: Any, update_fields: Any = None, **_: Any) -> None:
    if not (update_fields and LOGIN_FIELDS.issuperset(update_fields)):
        _tell({"person": f"user:{instance.pk}"})


def _rights_changed(action: str = "post_delete", **_: Any) -> None:
    if action.startswith("post_"):
        _tell({"person": None})


def _tell(news: News) -> None:
    """Tell this process, and the others; once what is told of is there for all to see."""
    transaction.on_commit(lambda: _tell_now(news))


def _tell_now(news: News) -> None:
    for hear in _listeners:
        hear(news)
    _teller().submit(_publish, news)


@cache
def _teller() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="revocations")


def _publish(news: News) -> None:
    try:
        layer = open_layer(get_config())
        if layer is not None:
            asyncio.run(asyncio.wait_for(_send(layer, news), TELL_SECONDS))
    except Exception as error:  # whatever the layer's client raises
        logger.debug("other web processes were not told: %s", error)


async def _send(layer: RedisPubSubChannelLayer, news: News) -> None:
    try:
        await layer.group_send(GROUP, {"type": "live.revocation", **news})
    finally:
        await layer.flush()
