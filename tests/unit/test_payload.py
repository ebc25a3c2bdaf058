"""The JSON scanner: what it lets through stays what it was, what others would misread is refused."""

import json
import sys
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import payload
from jobs.errors import InvalidJob, PayloadTooLarge

MEBIBYTE = 1 << 20
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=30)


def check(text):
    return payload.check(text if isinstance(text, bytes) else text.encode(), MEBIBYTE)


def refusal(text):
    with pytest.raises(InvalidJob) as caught:
        check(text)
    assert caught.value.field == "payload"
    return caught.value.message


def same(left, right):
    return repr(left) == repr(right)


@given(VALUES)
def test_any_value_comes_back_equal_by_type_and_value(value):
    encoded = payload.encode(value)
    assert same(check(encoded), value)
    assert same(payload.decode(encoded), value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_refusal(noise):
    try:
        value = check(noise)
    except InvalidJob:
        return
    assert same(json.loads(noise), value)


@given(st.text(st.sampled_from('[]{}"\\,:1eE.-u0d8 \n'), max_size=300))
def test_what_is_let_through_is_json_to_everybody(text):
    try:
        value = check(text)
    except InvalidJob:
        return
    assert same(msgspec.json.decode(text.encode()), msgspec.json.decode(payload.encode(value)))


@pytest.mark.parametrize(
    "value",
    [130775545883395173, 12345678901234567890123, -(10**4299), 1.0, -0.0, 1e308, [], {}, "007", "", "\0", "😀", None],
)
def test_values_that_others_bend_survive(value):
    assert same(check(payload.encode(value)), value)


def test_an_escaped_nul_is_a_character_and_a_raw_one_is_malformed():
    assert check(r'"\u0000"') == "\0"
    assert "control character" in refusal(b'"\0"')
    assert "not JSON" in refusal(b"\0")


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "1e999", "[-1e999]", "1" + "0" * 400 + ".0"])
def test_a_number_that_is_not_finite_is_refused(text):
    assert refusal(text).endswith(("is not JSON", "a number is too large"))


@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_may_have_4300_digits_and_no_more(sign):
    assert same(check(sign + "9" * 4300), int(sign + "9" * 4300))
    assert "4,300 digits" in refusal(sign + "9" * 4301)
    assert "4,300 digits" in refusal('{"a": [' + sign + "1" * 10_000 + "]}")


def test_digits_are_limited_also_where_the_interpreter_has_no_limit():
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert "4,300 digits" in refusal("9" * 4301)
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', r'{"a": 1, "\u0061": 1}', '[{"b": {"c": 1, "c": 1}}]'])
def test_a_repeated_key_is_refused(text):
    assert "same key twice" in refusal(text)


@pytest.mark.parametrize("text", [r'"\ud800"', r'"\udc00\ud800"', r'{"\uDFFF": 1}', r'[["x\ud83d"]]', r'"\\\ud800"'])
def test_a_lone_surrogate_is_refused(text):
    assert "lone surrogate" in refusal(text)


def test_a_surrogate_pair_is_one_character_and_an_escaped_backslash_none():
    assert check(r'"\ud83d\ude00"') == "😀"
    assert check(r'"\\ud800"') == r"\ud800"


@pytest.mark.parametrize(
    "noise", [b'"\xff"', b'"\xed\xa0\x80"', b"\xff\xfe1\0", b'"\xc0\x80"', "1".encode("utf-32"), b'{"\xe9": 1}']
)
def test_what_is_not_utf8_is_refused(noise):
    assert "is not UTF-8" in refusal(noise)


@pytest.mark.parametrize(
    "text", ["", " ", "\ufeff1", "1 2", "007", "+1", "1.", ".5", "0x1", "'a'", "[1,]", '{"a"}', "nul", "[", '"', "1_0"]
)
def test_what_is_not_json_is_refused(text):
    assert refusal(text).startswith("not JSON: ")


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_a_depth_of_100_is_taken_and_101_is_not(start, end):
    assert check(start * 100 + "1" + end * 100)
    assert "100 deep" in refusal(start * 101 + "1" + end * 101)


def test_brackets_side_by_side_or_in_texts_are_no_depth():
    assert len(check("[" + ",".join(["[[]]"] * 1000) + "]")) == 1000
    assert check('"' + "[{" * 1000 + r"\"[" + '"')
    assert check('["' + r"\\" + '", [' + '"' + "[" * 200 + '"]]')


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        "[" * MEBIBYTE,
        "]" * MEBIBYTE,
        '"' + r"\"" * 500_000,
        "[" * 101 + '"' + r"\"" * 500_000,
        "1" * MEBIBYTE,
        "[" + ",".join(["1" * 4301] * 240) + "]",
    ],
    ids=["lists", "objects", "opened", "closed", "unterminated", "deep and unterminated", "digits", "long integers"],
)
def test_hostile_payloads_are_refused_at_once(text):
    started = time.process_time()
    refusal(text)
    assert time.process_time() - started < 1


def test_a_payload_may_have_as_many_bytes_as_allowed_and_no_more():
    assert payload.check(b'"abc"', 5) == "abc"
    with pytest.raises(PayloadTooLarge, match="5 bytes are more than the 4"):
        payload.check(b'"abc"', 4)
    with pytest.raises(PayloadTooLarge):
        payload.check(b"\xff" * 5, 4)


@pytest.mark.parametrize("stored", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_stored_payload_that_was_tampered_with_is_refused(stored):
    with pytest.raises(InvalidJob):
        payload.decode(stored)
