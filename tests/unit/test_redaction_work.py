"""How much work masking may be: bounded by the length of what is masked, however many values are known."""

from __future__ import annotations

import json
import time

import pytest

from jobs.redaction import MASK, Redactor

REDACTOR = Redactor(("password",))
STRINGS = [f"s{number:05d}" for number in range(160_000)]
DOCUMENT = json.dumps(STRINGS).encode()
TAIL = "x" * 1100
FEW = [f"{number:02d}-value" for number in range(5)]
MANY = [f"{number:03d}-value" for number in range(900)]


def cost(document: bytes, hidden: frozenset[str]) -> float:
    """Seconds of the processor that it takes to mask a document in both ways."""
    start = time.process_time()
    REDACTOR.mask_json(document, hidden)
    REDACTOR.mask_report(document, hidden)
    return time.process_time() - start


def known(values: list[str]) -> frozenset[str]:
    hidden = REDACTOR.hidden_values(json.dumps({"password": values}).encode())
    assert hidden is not None
    return hidden


@pytest.mark.parametrize(
    "values",
    [
        [f"{number:03d}{TAIL}" for number in range(900)],
        [f"s{number * 170:05d}{TAIL}" for number in range(900)],
        [f"s000{number:03d}{TAIL}" for number in range(900)],
    ],
    ids=["like nothing", "like many strings", "all like the same strings"],
)
def test_a_result_of_many_strings_is_masked_in_little_time_whatever_is_known(values):
    assert cost(DOCUMENT, known(values)) < 10 * cost(DOCUMENT, known(["a single one"]))


def test_a_document_with_too_much_to_compare_is_masked_as_a_whole():
    hidden = known([f"same{number}{TAIL}" for number in range(900)])
    document = json.dumps(["same same"] * 160_000).encode()
    assert REDACTOR.mask_json(document, hidden) == f'"{MASK}"'.encode()
    assert REDACTOR.mask_report(document, hidden) == f'"{MASK}"'.encode()
    assert cost(document, hidden) < 10 * cost(DOCUMENT, known(["a single one"]))


def test_a_long_value_costs_more_to_compare_than_a_short_one():
    assert REDACTOR.mask_text("aaaa" * 50_000, known(["aaaa" * 100_000 + "b"])) == MASK
    assert REDACTOR.mask_text("aaaa, " * 100, known(["aaaab"])) == "aaaa, " * 100


@pytest.mark.parametrize("values", [FEW, MANY], ids=["few", "many"])
def test_few_and_many_values_are_masked_alike(values):
    hidden = known(values)
    shown = ["hello", "", "abc", "00-", "000-valu is none", values[0], f"at {values[1]}, {values[-1]}{values[2]}!"]
    masked = ["hello", "", "abc", "00-", "000-valu is none", MASK, f"at {MASK}, {MASK}!"]
    assert json.loads(REDACTOR.mask_json(json.dumps(shown).encode(), hidden)) == masked
    assert [REDACTOR.mask_text(text, hidden) for text in shown] == masked


def test_of_values_that_begin_alike_the_longest_is_masked():
    hidden = known(["pass", "password1", "password12", "word12345"])
    assert (
        REDACTOR.mask_text("a password12, a password12345, a passport", hidden) == f"a {MASK}, a {MASK}, a {MASK}port"
    )


def test_a_short_string_may_be_the_beginning_of_a_value_that_was_cut():
    hidden = known([*MANY, "hunter2"])
    assert json.loads(REDACTOR.mask_json(b'["hunt", "hun", "hunt\xe2\x80\xa6"]', hidden)) == [MASK, "hun", f"{MASK}…"]
