"""A person's own new password is a change of a user, and on record."""

from __future__ import annotations

import pytest

from jobs.models import AuditEntry

from .people import MakePerson

PATH = "/admin/password_change/"
OLD, NEW = "old-password-1", "correct-horse-9"
pytestmark = pytest.mark.django_db


def test_a_change_of_ones_own_password_is_on_record(staff: MakePerson):
    client, ann = staff("Admin")
    ann.set_password(OLD)
    ann.save()
    client.force_login(ann)
    form = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(PATH, form | {"old_password": "wrong"}).status_code == 200
    assert not AuditEntry.objects.exists()
    assert client.post(PATH, form).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.target_id) == ("user.change", f"user:{ann.pk}", str(ann.pk))
    assert entry.detail == {"changed": ["password"]}
    assert NEW not in str(entry.__dict__)
