"""People in front of pages."""

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client


def logged_in(role: str, name: str = "ada") -> Client:
    """A client with the session of a new member of a group ("": of none), whose forms need their CSRF token."""
    user = get_user_model().objects.create_user(name, password="x")
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def token(page: Any) -> str:
    """The CSRF token of a page's last form."""
    [*_, found] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    return str(found)


def submit(client: Client, page: Any, path: str, **fields: Any) -> Any:
    """The page that follows a form of `page`."""
    return client.post(path, {"csrfmiddlewaretoken": token(page), **fields}, follow=True)
