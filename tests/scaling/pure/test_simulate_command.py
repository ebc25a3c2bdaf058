"""`manage.py simulate_scaling`, from a file to its table."""

import io

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


@pytest.mark.parametrize("text", ["", "seconds,arrivals_per_second\n", "seconds,arrivals_per_second\n0,0\n1,0\n"])
def test_a_file_without_a_load_is_refused(tmp_path, text):
    trace = tmp_path / "empty.csv"
    trace.write_text(text)
    with pytest.raises(CommandError):
        call_command("simulate_scaling", trace)
