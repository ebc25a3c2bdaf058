"""The configuration: what it accepts, what it refuses, and what it says then."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from jobs import conf
from jobs.checks import check_configuration
from jobs.conf import Config, ConfigProblem
from jobs.errors import ConfigError
from jobs.partitioning import Partitions

ENV_EXAMPLE = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")


def problem_of(env):
    _, problems = conf.read(env)
    assert len(problems) == 1, problems
    return problems[0]


def test_an_empty_environment_gives_the_defaults():
    assert conf.load({}) == Config()


def test_a_blank_variable_counts_as_unset():
    assert conf.load({"MIN_WORKERS": "  ", "REDIS_URL": ""}) == Config()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("REDIS_URL", "redis://:secret@cache:6379/2", "redis_url", "redis://:secret@cache:6379/2"),
        ("REDIS_URL", "unix:///run/valkey.sock", "redis_url", "unix:///run/valkey.sock"),
        ("REDIS_SENTINELS", "a:1, [::1]:26379,", "redis_sentinels", (("a", 1), ("::1", 26379))),
        ("REDIS_CLUSTER_NODES", "a:1,b:2", "redis_cluster_nodes", (("a", 1), ("b", 2))),
        ("QUEUEFLOW_PARTITIONS", "3", "partitions", Partitions(3)),
        ("QUEUEFLOW_PARTITIONS", "redis://a, unix:///b", "partitions", Partitions(2, ("redis://a", "unix:///b"))),
        ("QUEUEFLOW_PREFIX", "shop-2:", "prefix", "shop-2:"),
        ("JOB_TIMEOUT", "600000", "job_timeout_ms", 600_000),
        ("LEASE_SECONDS", "20.5", "lease_seconds", 20.5),
        ("PRIORITY_WEIGHTS", "5, 3, 0", "priority_weights", (5, 3, 0)),
        ("QUEUEFLOW_HANDLERS", "shop.handlers, mail.handlers,", "handler_modules", ("shop.handlers", "mail.handlers")),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("LOG_FORMAT", "JSON", "log_format", "json"),
        ("ACCEPT_UNKNOWN_TYPES", "on", "accept_unknown_types", True),
        ("TAG_INDEX", "true", "tag_index", True),
        ("READINESS_REQUIRES_STORE", "0", "readiness_requires_store", False),
        ("QUEUEFLOW_VAR_DIR", "/srv/queueflow", "var_dir", Path("/srv/queueflow")),
    ],
)
def test_a_variable_sets_its_field(name, text, field, value):
    assert conf.load({name: text}) == replace(Config(), **{field: value})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MIN_WORKERS", "abc"),
        ("MIN_WORKERS", "-1"),
        ("MIN_WORKERS", "1_0"),
        ("MIN_WORKERS", "9" * 5000),
        ("REDIS_SENTINELS", "sentinel-1"),
        ("REDIS_SENTINELS", "redis://sentinel-1:26379"),
        ("REDIS_SENTINELS", "a:0"),
        ("REDIS_SENTINELS", "a:70000"),
        ("REDIS_SENTINELS", "me@a:1"),
        ("REDIS_CLUSTER_NODES", "a"),
        ("MAX_WORKERS", "0"),
        ("WORKER_CONCURRENCY", "٣x"),
        ("JOB_TIMEOUT", "1.5"),
        ("LEASE_SECONDS", "nan"),
        ("LEASE_SECONDS", "inf"),
        ("LEASE_SECONDS", "30s"),
        ("HEARTBEAT_SECONDS", "0"),
        ("QUEUEFLOW_PREFIX", "queueflow"),
        ("QUEUEFLOW_PREFIX", "{queue}:"),
        ("PRIORITY_WEIGHTS", "60,30"),
        ("PRIORITY_WEIGHTS", "0,0,0"),
        ("PRIORITY_WEIGHTS", "60,30,-10"),
        ("PRIORITY_WEIGHTS", "60,30,x,10"),
        ("QUEUEFLOW_HANDLERS", "shop/handlers.py"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("ACCEPT_UNKNOWN_TYPES", "maybe"),
        ("TAG_INDEX", "some"),
    ],
)
def test_nonsense_is_refused_by_name_value_and_hint(name, text):
    problem = problem_of({name: text})
    assert (problem.name, problem.value) == (name, text[:200])
    assert problem.hint.startswith("give ")


@pytest.mark.parametrize(
    "text", ["cache:6379", "http://cache", "redis://", "unix://", "redis://cache:port", "redis://[::1"]
)
def test_an_unusable_server_address_is_refused_without_showing_it(text):
    problem = problem_of({"REDIS_URL": text})
    assert problem.value == "***"
    assert "redis://host:6379/0" in problem.hint


@pytest.mark.parametrize("text", ["0", "257", "redis://:hush@a", "redis://a,redis://a", "redis://a,http://:hush@b"])
def test_unusable_partitions_are_refused_without_showing_them(text):
    problem = problem_of({"QUEUEFLOW_PARTITIONS": text})
    assert problem.value == "***"
    assert problem.hint.startswith("give a number from 1 to 256, or the addresses")


def test_a_refused_variable_leaves_its_default_and_the_others():
    config, problems = conf.read({"MIN_WORKERS": "many", "MAX_WORKERS": "7"})
    assert (config.min_workers, config.max_workers, len(problems)) == (1, 7, 1)


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"MIN_WORKERS": "5", "MAX_WORKERS": "2"}, "MIN_WORKERS"),
        ({"LEASE_SECONDS": "10", "HEARTBEAT_SECONDS": "6"}, "HEARTBEAT_SECONDS"),
        ({"MAX_BODY_BYTES": "2048"}, "MAX_PAYLOAD_BYTES"),
        ({"OUTBOX": "on", "OUTBOX_MAX_BYTES": "1048575"}, "OUTBOX_MAX_BYTES"),
        ({"REDIS_SENTINEL_SSL_CA_CERTS": "/ca.pem"}, "REDIS_SENTINEL_SSL_CA_CERTS"),
        ({"REDIS_SENTINEL_SSL_CERTFILE": "/us.pem"}, "REDIS_SENTINEL_SSL_CERTFILE"),
        ({"REDIS_SENTINEL_SSL_KEYFILE": "/key.pem"}, "REDIS_SENTINEL_SSL_KEYFILE"),
        ({"REDIS_SENTINELS": "a:1", "REDIS_CLUSTER_NODES": "a:1"}, "REDIS_CLUSTER_NODES"),
        ({"REDIS_URL": "redis://a/1", "REDIS_CLUSTER_NODES": "a:1"}, "REDIS_URL"),
        ({"REDIS_URL": "redis://a?db=1", "REDIS_CLUSTER_NODES": "a:1"}, "REDIS_URL"),
        ({"REDIS_URL": "unix:///a", "REDIS_CLUSTER_NODES": "a:1"}, "REDIS_URL"),
        ({"REDIS_URL": "redis://a", "QUEUEFLOW_PARTITIONS": "redis://a,redis://b"}, "QUEUEFLOW_PARTITIONS"),
        ({"REDIS_CLUSTER_NODES": "a:1", "QUEUEFLOW_PARTITIONS": "redis://a,redis://b"}, "QUEUEFLOW_PARTITIONS"),
    ],
)
def test_values_that_contradict_each_other_are_refused(env, name):
    assert problem_of(env).name == name


def test_an_outbox_has_to_hold_the_largest_payload_where_it_is_on():
    text = str(problem_of({"OUTBOX": "on", "OUTBOX_MAX_BYTES": "1048575"}))
    assert text == (
        "OUTBOX_MAX_BYTES='1048575' is refused: it is below MAX_PAYLOAD_BYTES=1048576, so that such a payload would "
        "never fit"
    )
    assert conf.read({"OUTBOX": "on", "OUTBOX_MAX_BYTES": "1048576"})[1] == ()
    assert conf.read({"OUTBOX_MAX_BYTES": "1"})[1] == ()


def test_load_says_every_problem_in_one_sentence():
    with pytest.raises(ConfigError, match=r"MIN_WORKERS='x' is refused: give .*; LOG_FORMAT='y' is refused: give "):
        conf.load({"MIN_WORKERS": "x", "LOG_FORMAT": "y"})


def test_a_secret_may_come_from_a_file(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("  two words \n", encoding="utf-8")
    assert conf.with_secret_files({"REDIS_PASSWORD_FILE": str(secret)})[0]["REDIS_PASSWORD"] == "  two words "


def test_a_secret_and_its_file_together_are_refused(tmp_path):
    problem = problem_of({"REDIS_PASSWORD": "a", "REDIS_PASSWORD_FILE": str(tmp_path)})
    assert "give only one" in problem.hint


def test_an_unreadable_secret_file_is_refused(tmp_path):
    problem = problem_of({"REDIS_PASSWORD_FILE": str(tmp_path / "missing")})
    assert problem.name == "REDIS_PASSWORD_FILE"
    assert "FileNotFoundError" in problem.hint


def test_the_text_of_a_configuration_shows_no_secret():
    text = repr(conf.load({"REDIS_URL": "redis://:hush@cache", "REDIS_PASSWORD": "hush"}))
    assert "hush" not in text


def test_every_field_has_a_variable_and_a_line_in_the_example():
    missing = [spec.metadata["env"] for spec in fields(Config) if f"\n#{spec.metadata['env']}=" not in ENV_EXAMPLE]
    assert missing == []


def test_the_example_shows_the_defaults():
    lines = [line[1:] for line in ENV_EXAMPLE.splitlines() if line.startswith("#") and "=" in line.split(" ")[0]]
    assert conf.load(dict(line.split("=", 1) for line in lines)) == Config()


def test_get_config_refuses_what_settings_refused():
    problem = ConfigProblem("MIN_WORKERS", "x", "give a number")
    with override_settings(QUEUEFLOW_PROBLEMS=(problem,)), pytest.raises(ConfigError, match="MIN_WORKERS='x'"):
        conf.get_config()


def test_the_system_check_names_variable_value_and_hint():
    with override_settings(QUEUEFLOW_PROBLEMS=(ConfigProblem("MIN_WORKERS", "x", "give a number"),)):
        [error] = check_configuration(None)
    assert (error.msg, error.hint, error.id) == ("MIN_WORKERS='x' is refused.", "give a number", "queueflow.E001")
