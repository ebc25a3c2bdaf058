"""A person's own new password is a change of a user, and on record; who guesses at the old one has to wait."""

from __future__ import annotations

import pytest
from django.test import Client

from jobs.access.throttle import LOGINS_OF_A_NAME, LOGINS_OF_AN_ADDRESS
from jobs.models import AuditEntry
from jobs.web.login import throttle
from tests.api.conftest import api_config, use

from .people import MakePerson

__all__ = ["api_config", "use"]

PATH = "/admin/password_change/"
OLD, NEW = "old-password-1", "correct-horse-9"
FORM = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(api_config, use) -> None:
    """Count attempts on a server of the test's own."""
    use(api_config)
    throttle.cache_clear()


@pytest.fixture
def ann(staff: MakePerson) -> Client:
    """Give the session of somebody whose password is OLD."""
    client, user = staff("Admin")
    user.set_password(OLD)
    user.save()
    client.force_login(user)
    return client


def guess(client: Client, password: str = "wrong", address: str = "192.0.2.1", **fields: str):
    return client.post(PATH, FORM | {"old_password": password} | fields, REMOTE_ADDR=address)


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
    assert entry.detail == {"name": "ann", "changed": ["password"]}
    assert NEW not in str(entry.__dict__)


def test_who_guesses_at_the_old_password_has_to_wait(ann):
    codes = [guess(ann, address=f"192.0.2.{number}").status_code for number in range(LOGINS_OF_A_NAME[0] + 1)]
    assert codes == [200] * LOGINS_OF_A_NAME[0] + [429]
    page = guess(ann, OLD, "192.0.2.200")
    assert page.status_code == 429, "the right one does not help either"
    assert 1 <= int(page["Retry-After"]) <= LOGINS_OF_A_NAME[1]
    assert f"Too many attempts. Try again in {page['Retry-After']} second" in page.content.decode()
    assert OLD not in page.content.decode()
    assert not AuditEntry.objects.exists()
    assert ann.get(PATH).status_code == 200


def test_an_address_has_to_wait_whoever_is_logged_in_there(ann):
    for number in range(LOGINS_OF_AN_ADDRESS[0]):
        throttle().wait("192.0.2.1", f"name{number}")
    assert guess(ann).status_code == 429
    assert guess(ann, address="192.0.2.2").status_code == 200


def test_guesses_count_together_with_those_of_the_login_page(ann):
    for number in range(LOGINS_OF_A_NAME[0]):
        guess(ann, address=f"192.0.2.{number}")
    form = {"username": "ann", "password": OLD}
    assert Client().post("/login/", form, REMOTE_ADDR="192.0.2.200").status_code == 429


def test_who_knows_it_may_try_new_ones_as_often_as_it_takes(ann):
    codes = {guess(ann, OLD, new_password2="another").status_code for _ in range(2 * LOGINS_OF_AN_ADDRESS[0])}
    assert codes == {200}
    assert guess(ann, OLD).status_code == 302
