"""What the README and the pages show as Python or as a shell command runs as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class

from tests.docs import shell
from tests.docs.blocks import BLOCKS, CONSOLE, JAVASCRIPT, PYTHON, RUN, SHELLS, Block, of_page
from tests.docs.own_project import OwnProject
from tests.docs.running import Documented
from tests.engine.pools import ROOT

# What a page's Python writes when all goes well.
SAID = {
    "quick-start.md": ("Hello, Ada!",),
    "rest.md": ("scheduled",),
    "from-celery.md": ("{'order': 7, 'charged': 1999, 'attempt': 1}\n{'order': 7, 'charged': 1999, 'attempt': 1}\n",),
    "from-rq.md": ("{'order': 7, 'sent': 'ada@example.com'}",),
    "client.md": ("messageId", "2500 accepted", "PaymentDeclined: ", "Traceback", "invalid [{'field': 'payload'"),
}
# Commands of minutes, whose tables `manage.py simulate_scaling --renew` makes anew.
TABLES = [block for block in BLOCKS if not block.language]
NOT_RUN = [block for block in BLOCKS if "not-run" in block.words]


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    with Documented(tmp_path_factory.mktemp("documented")) as running:
        running.prepare()
        yield running


@pytest.mark.parametrize("page", RUN)
def test_the_blocks_of_a_page_run(documented: Documented, page: str) -> None:
    for block in of_page(page):
        if block.language in SHELLS and "not-run" not in block.words:
            run_script(documented, block)
        elif block.language == CONSOLE:
            run_console(documented, block)
        elif block.language == JAVASCRIPT:
            run_javascript(documented, block)
    if any(block.language == PYTHON for block in of_page(page)):
        run_python(documented, page)


def run_script(documented: Documented, block: Block) -> None:
    script, environment = documented.as_here(block.text), documented.environment()
    if "until" in block.words:
        code, written = shell.serve(script, environment, block.words["until"])
    else:
        code, written = shell.run(script.replace("make ", "make --dry-run "), environment)
    assert code == 0, f"{block.place}: {written}"
    assert block.words.get("until", "") in written


def run_console(documented: Documented, block: Block) -> None:
    for typed in shell.typed_in(documented.as_here(block.text)):
        code, lines = shell.type_in(typed, documented.environment())
        assert code == typed.code, f"{block.place}: {typed.command}: {lines}"
        assert typed.missing_in(lines) == [], f"{block.place}: {lines}"


def run_javascript(documented: Documented, block: Block) -> None:
    script = f"node --input-type=module --eval {shlex.quote(block.text)}"
    code, written = shell.run(script, documented.environment())
    assert code == 0, f"{block.place}: {written}"


def run_python(documented: Documented, page: str) -> None:
    command = [sys.executable, "-m", "tests.docs.program", page]
    done = subprocess.run(
        command, cwd=ROOT, env=documented.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [words for words in SAID.get(page, ()) if words not in done.stdout] == []


def test_a_project_of_ones_own_works_with_what_is_installed_beside_a_site_that_does_not_know_it(documented, tmp_path):
    project = OwnProject(tmp_path, documented.environment())
    assert "No changes" in project.run_scripts() + project.manage("makemigrations", "--check", "--dry-run")
    assert "people.handlers.count_people" in project.manage("handlers")
    with project.pool():
        assert documented.client.wait(project.enqueue(), timeout=30) == {"people": 0}
        theirs = documented.client.enqueue("count-people", {})
        assert documented.client.wait(theirs, timeout=30) == {"people": 0}
        assert documented.client.job(theirs)["queue"] == "default"


def test_what_stands_in_for_curl_and_jq_where_there_are_none_does_the_same(documented: Documented) -> None:
    block = next(block for block in of_page("rest.md") if block.language in SHELLS)
    environment = documented.environment()
    environment["PATH"] = f"{documented.stand_ins}:{environment['PATH']}"
    code, written = shell.run(f"command -v curl jq\n{documented.as_here(block.text)}", environment)
    assert code == 0, written
    curl, jq, status = written.split()
    assert (curl, jq) == (f"{documented.stand_ins}/curl", f"{documented.stand_ins}/jq")
    assert status in {"pending", "active", "completed"}


def test_what_is_read_of_the_store_with_redis_cli_is_there_and_so_with_what_stands_in_for_it(documented: Documented):
    [text] = [block.text for block in of_page("troubleshooting.md") if "redis-cli" in block.text]
    environment = documented.environment()
    for path in (environment["PATH"], f"{documented.stand_ins}:{environment['PATH']}"):
        code, written = shell.run(text, environment | {"PATH": path})
        assert code == 0, written
        assert "created" in written
        assert re.search("ERR|WRONGTYPE", written) is None


@pytest.mark.parametrize("block", NOT_RUN, ids=[block.place for block in NOT_RUN])
def test_a_block_that_cannot_run_here_says_why_and_is_read_all_the_same(block: Block) -> None:
    assert block.words["not-run"]
    assert block.language in SHELLS
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    check_manage(block)


@pytest.mark.parametrize("block", TABLES, ids=[block.place for block in TABLES])
def test_the_command_of_a_table_that_is_made_anew_by_it_is_taken(block: Block) -> None:
    assert block.page == "scaling.md"
    assert all(line.startswith("manage.py simulate_scaling ") for line in block.text.splitlines())
    check_manage(block)


def check_manage(block: Block) -> None:
    """Each `manage.py` in a block that is not run takes its arguments."""
    for name, *arguments in shell.manage_arguments(block.text):
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(arguments)


def test_blocks_have_languages_that_are_run_or_known_not_to_be_code_of_ours() -> None:
    run = {PYTHON, CONSOLE, JAVASCRIPT, *SHELLS}
    known = run | {"text", "yaml", "json", "html", "mermaid", "ini", "{toctree}", "{include}"}
    assert [block.place for block in BLOCKS if block.language not in known and block not in TABLES] == []
    assert len([block for block in BLOCKS if block.language in run]) > 45
