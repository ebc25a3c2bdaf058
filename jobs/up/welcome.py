"""What a first visitor needs: an account, an API key, and lines that say where everything is.

The generated password and key are kept in the checkout's var folder, readable by its owner only, so that every `up`
can print them again; both work only while the account and the key exist.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction

from jobs import trail
from jobs.models import ApiKey, key_hash
from jobs.scopes import Scope

USER = "admin"


def kept_secret(path: Path, make: str) -> str:
    """The secret in `path`; `make` is written there first when the file is missing."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make, encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def ensure_account(var_dir: Path) -> str:
    """How to log in, in words. Makes the account `admin` with a generated password where nobody is an admin yet."""
    users = get_user_model()._default_manager
    path = var_dir / "admin_password"
    if not users.filter(is_superuser=True).exists():
        password = kept_secret(path, secrets.token_urlsafe(12))
        with transaction.atomic():
            made = users.create_superuser(USER, "", password)
            detail = {"name": USER}
            trail.note(
                actor=trail.shell(), action=trail.Action.USER_CREATE, target=str(made.pk), count=1, detail=detail
            )
    account = users.filter(**{get_user_model().USERNAME_FIELD: USER}).first()
    if account is not None and path.exists():
        password = path.read_text(encoding="utf-8").strip()
        if account.check_password(password):
            return f"{USER} / {password}"
    return "with your own account"


def ensure_key(var_dir: Path) -> str:
    """An API key that serves: the kept one, or a new one when it is missing, revoked or expired."""
    path = var_dir / "api_key"
    if path.exists():
        text = path.read_text(encoding="utf-8").strip()
        kept = ApiKey.objects.filter(hash=key_hash(text)).first()
        if kept is not None and kept.status == "active":
            return text
        path.unlink()
    with transaction.atomic():
        key, text = ApiKey.objects.issue("up on this machine", [Scope.ENQUEUE, Scope.READ, Scope.OPERATE])
        detail = {"name": str(key), "prefix": key.prefix, "scopes": key.scopes}
        trail.note(actor=trail.shell(), action=trail.Action.KEY_CREATE, target=str(key.pk), count=1, detail=detail)
    return kept_secret(path, text)
