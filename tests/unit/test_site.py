"""The settings: what an installation needs before it starts, tried by starting it."""

import os
import stat

import pytest

from queueflow_site.env import kept_secret_key


@pytest.fixture
def check(starts, tmp_path):
    """Return a function that runs `manage.py check` with the given variables: (exit code, what it wrote)."""

    def run(*options, **variables):
        base = {"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, "QUEUEFLOW_VAR_DIR": str(tmp_path)}
        return starts.run("check", *options, environment=base | variables)

    return run


def test_a_checkout_without_any_variable_is_fine_and_keeps_its_own_key(check, tmp_path):
    assert check()[0] == 0
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_given_store_needs_a_given_key(check, tmp_path):
    code, text = check(REDIS_URL="redis://cache:6379/0")
    assert code == 1
    assert "SECRET_KEY" in text
    assert not (tmp_path / "secret_key").exists()


def test_a_key_from_a_file_will_do(check, tmp_path):
    (tmp_path / "key").write_text("0123456789" * 5, encoding="utf-8")
    assert check(REDIS_URL="redis://cache:6379/0", SECRET_KEY_FILE=str(tmp_path / "key"))[0] == 0


@pytest.mark.parametrize("name", ["DEBUG", "MIN_WORKERS"])
def test_a_refused_variable_is_named_and_nothing_starts(check, name):
    code, text = check(**{name: "perhaps"})
    assert code == 1
    assert f"{name}='perhaps' is refused" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("url", ["oracle9:nonsense", "mysql://a:hush@b/c", "postgres"])
def test_an_unusable_database_address_is_named_but_not_shown(check, url):
    code, text = check(DATABASE_URL=url)
    assert code == 1
    assert "DATABASE_URL='***' is refused" in text
    assert "Traceback" not in text
    assert "hush" not in text


def test_a_deployment_over_several_hosts_needs_a_shared_database(check):
    shared = {"SECRET_KEY": "0123456789" * 5, "REDIS_URL": "redis://cache:6379/0"}
    assert "queueflow.E002" in check("--deploy", "--database", "default", **shared)[1]
    own = shared | {"REDIS_URL": "redis://127.0.0.1:6379/0"}
    assert "queueflow.E002" not in check("--deploy", "--database", "default", **own)[1]


@pytest.mark.parametrize("name", ["REDIS_CLUSTER_NODES", "QUEUEFLOW_PARTITIONS"])
def test_so_it_does_where_there_are_several_servers(check, name):
    form = {"REDIS_CLUSTER_NODES": "{0}:1,{0}:2", "QUEUEFLOW_PARTITIONS": "redis://{0}:1,redis://{0}:2"}[name]
    for host, is_told in (("cache", True), ("127.0.0.1", False)):
        there = {"SECRET_KEY": "0123456789" * 5, name: form.format(host)}
        assert ("queueflow.E002" in check("--deploy", "--database", "default", **there)[1]) is is_told


def test_a_variable_wins_over_the_env_file(check, tmp_path):
    (tmp_path / "env").write_text("MIN_WORKERS=nonsense\nDEBUG=nonsense\n", encoding="utf-8")
    code, text = check(QUEUEFLOW_ENV_FILE=str(tmp_path / "env"), DEBUG="false")
    assert code == 1
    assert "MIN_WORKERS='nonsense'" in text
    assert "DEBUG" not in text


def test_a_kept_key_stays_the_same(tmp_path):
    path = tmp_path / "deep" / "secret_key"
    assert kept_secret_key(path) == kept_secret_key(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["secret_key"]
