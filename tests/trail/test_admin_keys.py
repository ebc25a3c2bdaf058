"""API keys in the admin and from the shell: on record, shown once, and never more than their maker may."""

from __future__ import annotations

import getpass
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from jobs.models import ApiKey, AuditEntry

from .people import MakePerson, only

KEYS = "/admin/jobs/apikey/"
pytestmark = pytest.mark.django_db


def make_key(client: Client, *scopes: str, **fields: Any) -> Any:
    form = {"name": "crawler", "scopes": scopes, **fields}
    return client.post(f"{KEYS}add/", form, follow=True, REMOTE_ADDR="192.0.2.9")


def test_a_new_keys_text_is_shown_once_and_kept_nowhere(staff: MakePerson):
    client, _ = staff("Admin")
    page = make_key(client, "read", "enqueue")
    text = page.content.decode().partition("shown only now: ")[2].split("<")[0].split("&")[0].strip()
    key = ApiKey.objects.get()
    assert text.startswith(key.prefix)
    assert len(text) > 40
    assert text not in client.get(f"{KEYS}{key.pk}/change/").content.decode()
    assert text not in str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))


def test_making_a_key_is_on_record_with_who_from_where_and_what_it_may(staff: MakePerson):
    client, user = staff("Admin")
    make_key(client, "read", "enqueue", burst="9")
    entry, key = only("key.create"), ApiKey.objects.get()
    assert (entry.actor_id, entry.actor, entry.status) == (f"user:{user.pk}", user.username, "done")
    assert (entry.target_kind, entry.target_id) == ("key", str(key.pk))
    assert entry.address == "192.0.2.9"
    assert entry.detail["scopes"] == ["enqueue", "read"]
    assert (entry.detail["burst"], entry.detail["perSecond"]) == (9, 500)


def test_changing_a_key_is_on_record_with_what_changed(staff: MakePerson):
    client, _ = staff("Admin")
    key, _ = ApiKey.objects.issue("crawler", ["read"])
    client.post(f"{KEYS}{key.pk}/change/", {"name": "crawler", "scopes": ["read", "operate"], "per_second": "7"})
    entry = only("key.change")
    assert entry.detail["changed"] == ["Scopes", "Per second"]
    assert entry.detail["scopes"] == ["operate", "read"]


def test_saving_a_key_as_it_was_is_no_change(staff: MakePerson):
    client, _ = staff("Admin")
    key, _ = ApiKey.objects.issue("crawler", ["read"])
    client.post(f"{KEYS}{key.pk}/change/", {"name": "crawler", "scopes": ["read"]})
    assert not AuditEntry.objects.exists()


def test_each_revoked_key_is_on_record_once(staff: MakePerson):
    client, _ = staff("Admin")
    keys = [ApiKey.objects.issue(name, ["admin"])[0] for name in ("one", "two")]
    for _ in range(2):
        client.post(KEYS, {"action": "revoke", "_selected_action": [key.pk for key in keys]})
    assert {key.status for key in ApiKey.objects.all()} == {"revoked"}
    revoked = AuditEntry.objects.filter(action="key.revoke")
    assert sorted(revoked.values_list("target_id", flat=True)) == sorted(str(key.pk) for key in keys)


def test_deleted_keys_are_on_record(staff: MakePerson):
    client, _ = staff(superuser=True)
    keys = [ApiKey.objects.issue(name, ["read"])[0] for name in ("one", "two")]
    chosen = {"action": "delete_selected", "_selected_action": [key.pk for key in keys], "post": "yes"}
    client.post(KEYS, chosen)
    assert not ApiKey.objects.exists()
    gone = AuditEntry.objects.filter(action="key.delete")
    assert sorted(gone.values_list("target_id", flat=True)) == sorted(str(key.pk) for key in keys)


def test_nobody_gives_a_key_what_they_lack(staff: MakePerson):
    client, _ = staff("Operator", "jobs.add_apikey", "jobs.view_apikey")
    for scope in ("admin", "payloads", "operate"):  # an operator edits no payloads
        assert b"is not one of the available choices" in make_key(client, scope).content
    assert not ApiKey.objects.exists()
    make_key(client, "read", "enqueue")
    assert ApiKey.objects.get().scopes == ["enqueue", "read"]


def test_a_key_that_may_more_than_a_person_is_not_theirs_to_change_but_to_revoke(staff: MakePerson):
    client, _ = staff("Operator", "jobs.change_apikey", "jobs.view_apikey")
    key, _ = ApiKey.objects.issue("crawler", ["admin"])
    refused = client.post(f"{KEYS}{key.pk}/change/", {"name": "mine", "scopes": ["read"]})
    assert refused.status_code == 403
    client.post(KEYS, {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert (key.name, key.status) == ("crawler", "revoked")


def test_whoever_may_not_change_keys_may_not_revoke_them(staff: MakePerson):
    client, _ = staff("Viewer", "jobs.view_apikey")
    key, _ = ApiKey.objects.issue("crawler", ["read"])
    client.post(KEYS, {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.status == "active"
    assert make_key(client, "read").status_code == 403


def test_a_key_from_the_shell_is_on_record_with_who_runs_it():
    call_command("createapikey", "crawler", "--scopes", "read", stdout=StringIO(), stderr=StringIO())
    entry = only("key.create")
    assert entry.actor_id == f"shell:{getpass.getuser()}"
    assert entry.target_id == str(ApiKey.objects.get().pk)


def test_a_refused_key_from_the_shell_leaves_nothing():
    with pytest.raises(CommandError):
        call_command("createapikey", "crawler", "--scopes", "all", stdout=StringIO(), stderr=StringIO())
    assert not AuditEntry.objects.exists()
    assert not ApiKey.objects.exists()
