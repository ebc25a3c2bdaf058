"""What monitoring keeps in the Django database: the views of lists that people save."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q

MOST_VIEWS: Final = 50  # a person
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 2000


class SavedViewManager(models.Manager["SavedView"]):
    """Finds the views that somebody may use."""

    def seen_by(self, user: Any, page: str | None = None) -> models.QuerySet[SavedView]:
        """A person's own views and those that others share, of one page or of all, by name."""
        found = self.filter(Q(owner_id=user.pk) | Q(is_shared=True)).select_related("owner")
        return found if page is None else found.filter(page=page)


class SavedView(models.Model):
    """A list with filters that somebody gave a name. `page` is the name of its address, `query` its query string."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=20)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    is_shared = models.BooleanField(default=False)

    objects = SavedViewManager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=("owner", "page", "name"), name="monitoring_one_view_a_name")]

    def __str__(self) -> str:
        return self.name
