"""The settings: configuration without secrets, versions, rights, and what of the admin one may look at."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from jobs.access.principal import Principal
from jobs.conf import Config
from jobs.proxies import TrustedProxies
from jobs.rights import ALL, Right
from monitoring.settings_help import helps_in
from monitoring.settings_page import rights_of_person, settings_of, written

ADMIN = Principal("user:1", "root", ALL)
VIEWER = Principal("user:2", "eve", frozenset({Right.VIEW}))
CONFIG = Config(
    redis_url="redis://someone:hunter2@store.example.com:6379/0",
    redis_password="hunter3",
    retention_seconds=60,
    trusted_proxies=TrustedProxies.parse("10.0.0.7,unix"),
    var_dir=Path("/srv/queueflow"),
)


def told(config, who):
    return {each.name: (each.value, each.is_default) for each in settings_of(config, who)}


@pytest.mark.parametrize("who", [ADMIN, VIEWER])
def test_every_variable_is_told_and_no_secret(who):
    found = told(CONFIG, who)
    assert list(found) == [spec.metadata["env"] for spec in fields(Config)]
    assert found["REDIS_URL"] == found["REDIS_PASSWORD"] == ("set", False)
    assert found["RETENTION_SECONDS"] == ("60", False)
    assert found["MIN_WORKERS"] == ("1", True)
    assert found["PRIORITY_WEIGHTS"] == ("60,30,10", True)
    everything = str(found)
    assert not any(word in everything for word in ("hunter2", "hunter3", "someone", "store.example.com"))


def test_where_things_are_is_for_administrators():
    assert told(CONFIG, ADMIN)["TRUSTED_PROXIES"] == ("10.0.0.7/32,unix", False)
    assert told(CONFIG, ADMIN)["QUEUEFLOW_VAR_DIR"] == ("/srv/queueflow", False)
    assert told(CONFIG, VIEWER)["TRUSTED_PROXIES"] == told(CONFIG, VIEWER)["QUEUEFLOW_VAR_DIR"] == ("set", False)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (0.1, "0.1"), (30.0, "30"), (("a", "b"), "a,b"), (None, ""), (7, "7")]
)
def test_values_are_written_as_in_the_environment(value, text):
    assert written(value) == text


def test_rights_say_what_one_may(api, person):
    html = person("Operator").get("/settings/").content.decode()
    assert "You are in the group Operator." in html
    found = re.findall(r'<li class="(good|soft)">.*?<span>([^<]*)</span>', html)
    assert len(found) == len(Right)
    assert ("good", "Retry, rerun and start jobs") in found
    assert ("soft", "Replace a payload (needs to see payloads too)") in found
    assert [held for right, _, held in rights_of_person(VIEWER) if right == "view"] == [True]


def test_versions_are_told(api, kit, person):
    html = person().get("/settings/").content.decode()
    found = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", html))
    assert re.fullmatch(r"(Valkey|Redis) \d+\.\d+\.\d+", found["Store"])
    assert re.fullmatch(r"\d+\.\d+.*", found["Django"])
    assert {"QueueFlow", "Python"} <= found.keys()


def test_the_page_stands_without_a_store(api, api_config, use, person):
    client = person()
    use(replace(api_config, redis_url="redis://127.0.0.1:1/0"))
    answer = client.get("/settings/")
    assert answer.status_code == 200
    assert "<dt>Store</dt><dd>does not answer</dd>" in answer.content.decode()


def test_the_admin_is_offered_to_those_who_may_look_at_it(api, person):
    keeper = get_user_model().objects.create_user("kay", password="x", is_staff=True)
    keeper.user_permissions.set(Permission.objects.filter(codename__in=["view", "view_apikey"]))
    client = Client()
    client.force_login(keeper)
    html = client.get("/settings/").content.decode()
    assert "/admin/jobs/apikey/" in html
    assert "/admin/auth/user/" not in html
    assert "/admin/" not in person("Viewer", "eve").get("/settings/").content.decode()
    assert person("", "nobody").get("/settings/").status_code == 403
    assert Client().get("/settings/")["Location"] == "/login/?next=/settings/"


def test_every_variable_says_what_it_is_for():
    helps = {each.name: each.help for each in settings_of(CONFIG, VIEWER)}
    assert [name for name, words in helps.items() if not words] == []
    assert helps["RETENTION_SECONDS"] != helps["RETENTION_MAX"] != helps["RETENTION_MAX_BYTES"]
    assert helps["REDIS_PASSWORD"] == "The password of that server, where its address has none."
    assert helps["LATENCY_GOAL"].startswith("How long a job should wait at most, in milliseconds")


def test_variables_that_follow_each_other_share_their_comment():
    text = "# Of the file.\n\n# --- Part ---\n# Two lines,\n# of two.\n#FIRST=1\nSECOND=\n# Another's.\n#THIRD=x\n"
    assert helps_in(text) == {"FIRST": "Two lines, of two.", "SECOND": "Two lines, of two.", "THIRD": "Another's."}


def test_a_variable_is_a_row_of_name_value_and_what_it_is_for(api, person):
    html = person().get("/settings/").content.decode()
    row = html.partition('<td class="name mono">MIN_WORKERS</td>')[2].partition("</tr>")[0]
    assert re.findall(r"<td[^>]*>(?:<span[^>]*>)?([^<]+)", row)[::2] == ["1", "default"]
    assert "What it is for" in html
