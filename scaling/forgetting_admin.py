"""What becomes of a pool whose policy is deleted in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.db import router
from django.http import HttpRequest

from jobs.api.gateway import Lane, get_gateway
from jobs.errors import StoreError

from .forgetting import forget_in_store, forget_rows
from .models import ScalingPolicy

if TYPE_CHECKING:  # generic for the type checker only
    Base = admin.ModelAdmin[ScalingPolicy]
else:
    Base = object

LIVES: Final = "The pool {} lives: it gets its first policy again, as environment variables say."
AWAY: Final = "The store cannot be asked now: the pool {} may get its first policy again."


class Forgetting(Base):
    """A mixin for admins of policies: a pool of which nobody lives is forgotten with its policy."""

    def delete_model(self, request: HttpRequest, obj: ScalingPolicy) -> None:
        """Delete a policy, and its pool."""
        super().delete_model(request, obj)
        self._forget(request, obj.pool)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete some policies, and their pools."""
        pools = list(queryset.values_list("pool", flat=True))
        super().delete_queryset(request, queryset)
        for pool in pools:
            self._forget(request, pool)

    def _forget(self, request: HttpRequest, pool: str) -> None:
        try:
            is_gone = get_gateway().start(lambda store: forget_in_store(store, pool), Lane.OTHER).result()
        except StoreError:
            messages.warning(request, AWAY.format(pool))
            return
        if is_gone:
            forget_rows(pool, router.db_for_write(ScalingPolicy))
        else:
            messages.info(request, LIVES.format(pool))
