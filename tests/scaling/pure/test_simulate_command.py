"""`manage.py simulate_scaling`, from a file to its table."""

import io
import json

import pytest
from django.core.management import CommandError, call_command


def test_a_trace_becomes_a_table_with_a_row_a_strategy(tmp_path):
    trace = tmp_path / "flat.csv"
    trace.write_text("seconds,arrivals_per_second\n" + "".join(f"{60 * at},2\n" for at in range(20)))
    out = io.StringIO()
    call_command("simulate_scaling", trace, "--peak=8", "--strategy=default", "--strategy=latency_target", stdout=out)
    rows = [line.split(" | ")[0] for line in out.getvalue().splitlines()[2:]]
    assert rows[0].startswith("| static")
    assert rows[1:] == ["| default", "| latency_target"]


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("simulate_scaling", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def flat(path, rows=20):
    path.write_text("seconds,arrivals_per_second\n" + "".join(f"{60 * at},2\n" for at in range(rows)))
    return path


def test_json_holds_the_rows_and_their_curves(tmp_path):
    out, _ = run(flat(tmp_path / "flat.csv"), "--peak=8", "--strategy=hpa", "--json")
    found = json.loads(out)
    static, row = found["results"]
    assert (static["strategy"], row["strategy"], row["title"]) == ("static", "hpa", "HPA on waiting and running jobs")
    assert found["duration"] == 1_200_000
    assert row["jobs"] == found["jobs"]
    columns = row["curve"]
    assert {len(column) for column in columns.values()} == {80}
    assert columns["at"][:2] == [0, 15_000]
    assert row["workerHours"] / found["boundWorkerHours"] == pytest.approx(row["cost"], abs=0.001)


def test_what_was_mended_in_a_trace_is_said(tmp_path):
    trace = flat(tmp_path / "flat.csv")
    trace.write_text(trace.read_text() + "1200,nan\n1320,2\n")
    _, err = run(trace, "--peak=8", "--strategy=default")
    assert "flat: 1 row left out that cannot be true and 2 missing buckets filled on straight lines." in err


def test_a_saturated_dependency_shows_how_often_jobs_were_tried(tmp_path):
    out, _ = run(flat(tmp_path / "flat.csv"), "--peak=8", "--strategy=default", "--saturate=5")
    head, _, row = out.splitlines()
    assert head.endswith("| recovery s | attempts a success |")
    assert row.startswith("| default |")
    assert float(row.split(" | ")[-1].removesuffix(" |")) > 1


def test_the_tables_of_a_document_are_made_anew(tmp_path):
    trace = flat(tmp_path / "flat.csv")
    command = f"manage.py simulate_scaling {trace} --peak=8 --strategy default"
    document = tmp_path / "page.md"
    document.write_text(
        f"# Before\n\n```\n{command}\n```\n\n| old |\n|---|\n| 1 |\n\nBetween\n\n"
        f"```\n{command}\n{command} --startup 1\n```\n\n| old |\n\nAfter | all\n"
    )
    run("--renew", document)
    text = document.read_text()
    assert "old" not in text
    assert text.startswith("# Before\n")
    assert text.endswith("\n\nAfter | all\n")
    assert text.count("| default | ") == 1
    assert "| `flat.csv --peak=8 --strategy default --startup 1` | " in text


def test_nothing_to_simulate_and_what_cannot_be_is_refused(tmp_path):
    for arguments, words in (
        ([], "Name a trace"),
        ([tmp_path / "none.csv"], "cannot be read"),
        ([flat(tmp_path / "flat.csv"), "--day=-1"], "has nothing between"),
        ([flat(tmp_path / "flat.csv"), "--strategy=nobody"], "No scaling strategy 'nobody'"),
        ([flat(tmp_path / "flat.csv"), "--peak=nan"], "peak must be above 0"),
        ([flat(tmp_path / "flat.csv"), "--saturate=0"], "at least 1 call"),
        ([flat(tmp_path / "flat.csv"), "--peak=1e9"], "are simulated"),
    ):
        with pytest.raises(CommandError, match=words):
            run(*arguments)


@pytest.mark.parametrize("text", ["", "seconds,arrivals_per_second\n", "seconds,arrivals_per_second\n0,0\n1,0\n"])
def test_a_file_without_a_load_is_refused(tmp_path, text):
    trace = tmp_path / "empty.csv"
    trace.write_text(text)
    with pytest.raises(CommandError):
        call_command("simulate_scaling", trace)
