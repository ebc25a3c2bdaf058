"""What manifests start is what there is: commands, options, variables, addresses, times."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.management import CommandParser, get_commands, load_command_class

from jobs.conf import Config, read
from jobs.web.ending import NOTICE_SECONDS
from jobs.worker.drain import FLUSH_SECONDS
from jobs.worker.workforce import SLACK_SECONDS
from monitoring.probes import LIVE, READY
from tests.unit.test_env_example import listed

from .health_port import asked
from .kustomize import Object
from .manifests import Process

ONCE = {"migrate"}
MARGIN = 10
# Processes of README that are put together from others, or are another size of the same.
NOT_DEPLOYED = {"up", "worker"}


def lasting(found: list[Process]) -> list[Process]:
    return [process for process in found if process.command not in ONCE]


def parsed(process: Process) -> dict[str, object]:
    """What the command makes of its options. Raises CommandError for what it does not take."""
    command = load_command_class(get_commands()[process.command], process.command)
    parser: CommandParser = command.create_parser("manage.py", process.command)
    return vars(parser.parse_args(list(process.arguments[1:])))


def listens_on(process: Process) -> int:
    options = parsed(process)
    return int(str(options.get("health_port") or str(options["bind"]).rpartition(":")[2]))


def test_every_command_takes_its_options(all_processes):
    for process in all_processes:
        parsed(process)


def test_every_variable_is_one_that_is_read_and_has_a_value_that_is_taken(all_processes):
    for process in all_processes:
        ours = {name: value for name, value in process.environment.items() if name in listed()}
        others = process.environment.keys() - ours.keys()
        assert others <= {"SITE_HOSTS", "REDIS_PASSWORD", "POSTGRES_PASSWORD", *process.helpers}, process.name
        assert read(ours)[1] == (), process.name


def test_every_process_of_the_readme_is_started(all_processes):
    readme = Path(settings.BASE_DIR, "README.md").read_text(encoding="utf-8")
    processes = set(re.findall(r"^\| `manage\.py (\w+)` \|", readme.partition("| Tool |")[0], re.MULTILINE))
    assert processes - NOT_DEPLOYED == {process.command for process in lasting(all_processes)}


def test_every_probe_asks_where_the_process_listens(pods):
    for process in lasting(pods):
        if process.port is not None:
            assert {port for _, _, port in process.probes} == {process.port} == {listens_on(process)}
            assert {kind: path for kind, path, _ in process.probes} == {
                "startupProbe": LIVE,
                "readinessProbe": READY,
                "livenessProbe": LIVE,
            }


def test_every_path_that_probes_ask_for_is_answered_by_a_health_port():
    for path in (LIVE, READY):
        assert asked(path).startswith("HTTP/1.1 200 ")


def test_the_grace_is_that_of_the_configuration_and_ten_seconds(all_processes):
    for process in lasting(all_processes):
        if process.port is not None or "stop_grace_period" in process.workload:
            grace = read(process.environment)[0].shutdown_grace_seconds
            assert process.grace == grace + MARGIN, process.name


def test_a_pool_is_gone_within_the_ten_seconds():
    assert FLUSH_SECONDS + SLACK_SECONDS < MARGIN


def test_the_web_process_gets_a_moment_before_its_drain_and_nobody_else_needs_one(pods):
    for process in lasting(pods):
        if process.command == "web":
            assert process.pre_stop == ("sleep", f"{NOTICE_SECONDS:.0f}")
            assert NOTICE_SECONDS < MARGIN
        else:
            assert process.pre_stop == ()


def test_pods_have_as_many_workers_as_scalers_are_told(objects: list[Object], pods: list[Process]):
    pool = next(process for process in pods if process.command == "workerpool")
    config: Config = read(pool.environment)[0]
    options = parsed(pool)
    assert config.kubernetes_deployment == pool.workload["metadata"]["name"]
    if config.scaling_actuator != "local":
        assert options["min"] == options["max"] == config.kubernetes_workers_per_pod


def test_the_same_processes_run_in_compose_and_on_kubernetes(pods, services):
    def told(found: list[Process]) -> dict[str, tuple[str, ...]]:
        return {process.command: shape(process.arguments) for process in found if "--check" not in process.arguments}

    def shape(arguments: tuple[str, ...]) -> tuple[str, ...]:
        """Without how many."""
        return tuple(
            word for before, word in zip(("", *arguments), arguments, strict=False) if not before.startswith("--m")
        )

    assert told(pods) == told(services)
