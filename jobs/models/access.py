"""The permissions that people and groups can be given."""

from __future__ import annotations

from django.db import models

from jobs.rights import SENTENCES


class Access(models.Model):
    """No table: it carries the permissions that people and groups can be given, one for each right."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(right.value, sentence) for right, sentence in SENTENCES.items()]
        verbose_name = "access"

    def __str__(self) -> str:
        return "access"
