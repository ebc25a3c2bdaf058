"""Masking in JSON: the values of some members, and not a byte besides."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.redaction import MASK, Redactor, holds_mask

MEBIBYTE = 1 << 20
MASKED = f'"{MASK}"'
REDACTOR = Redactor(("password", "*_token", "card*"))

# Pieces of JSON as (text, masked text), so that every byte of a result is known beforehand.
HIDDEN = ['"password"', r'"pass\u0077ord"', '"PassWord"', '"access-token"', r'"\u0061ccessToken"', '"cardNumber"']
SHOWN = ['"a"', '"pass"', r'"tok\"en"', '"ü"', '""', r'"\\"', '"tokens"', r'"pass\nword"']
SCALARS = [
    "12345678901234567890123", "1.0", "-0.0", "1E400", "true", "null", '"x"', '"a]}{["', r'"\"password\": 1"', r'"\\"',
    r'"\\\""', '"{"', '"ü😀"', r'"\u00e9"', '"password"', '""', '"[1,"',
]  # fmt: skip
SPACES = st.sampled_from(["", " ", "\n\t", "\r\n  "])


def written(opening, items, closing, space):
    texts = [f"{space},{space}".join(item[which] for item in items) for which in (0, 1)]
    return tuple(f"{opening}{space}{text}{space}{closing}" for text in texts)


def member(key, value, space):
    hidden = key in HIDDEN
    return f"{key}{space}:{space}{value[0]}", f"{key}{space}:{space}{MASKED if hidden else value[1]}"


def grown(inner):
    members = st.builds(member, st.sampled_from(HIDDEN + SHOWN), inner, SPACES)
    return st.builds(written, st.just("["), st.lists(inner, max_size=4), st.just("]"), SPACES) | st.builds(
        written, st.just("{"), st.lists(members, max_size=4), st.just("}"), SPACES
    )


PIECES = st.recursive(st.sampled_from(SCALARS).map(lambda text: (text, text)), grown, max_leaves=25)


def mask(text, redactor=REDACTOR):
    return redactor.mask_json(text.encode()).decode()


@given(PIECES, SPACES)
def test_values_of_such_members_are_masked_and_every_other_byte_stays(piece, space):
    raw, masked = piece
    assert mask(f"{space}{raw}{space}") == f"{space}{masked}{space}"
    assert mask(masked) == masked


@given(PIECES)
def test_json_in_a_string_is_masked_inside(piece):
    raw, masked = piece
    assert json.loads(mask(json.dumps({"body": raw})))["body"] == masked
    twice = json.loads(mask(json.dumps([json.dumps({"body": raw})])))[0]
    assert json.loads(twice)["body"] == masked


@given(PIECES, st.data())
def test_a_beginning_is_masked_like_the_whole(piece, data):
    raw, masked = (text.encode() for text in piece)
    cut = data.draw(st.integers(0, len(raw)))
    assert masked.startswith(REDACTOR.mask_start(raw[:cut]))


@given(PIECES, st.integers(0, 40))
def test_a_beginning_with_json_in_a_string_is_masked_like_the_whole(piece, cut):
    raw = json.dumps({"a": 1, "body": piece[0]}).encode()
    assert REDACTOR.mask_json(raw).startswith(REDACTOR.mask_start(raw[:cut]))


@given(st.binary(max_size=200) | st.text(st.sampled_from('[]{}"\\,:1e.-u0d8 password•'), max_size=200).map(str.encode))
def test_what_is_not_json_is_masked_as_a_whole_and_nothing_raises(noise):
    try:
        json.loads(noise.decode(), parse_constant=lambda word: json.loads("NaN is not JSON"))
        readable = b"\\ud" not in noise.lower()
    except (ValueError, UnicodeDecodeError):
        readable = False
    masked = REDACTOR.mask_json(noise)
    assert readable or masked == MASKED.encode()
    REDACTOR.mask_start(noise)
    holds_mask(noise)
    assert readable or REDACTOR.hidden_values(noise) is None


@pytest.mark.parametrize("value", ['"x"', "1", "-1.5e3", "null", "true", "[]", "{}", '[1, "]", {"a": "}"}]', r'"\"]}"'])
def test_a_value_of_any_kind_is_masked(value):
    assert mask(f'{{"a":1,"password":{value},"b":2}}') == f'{{"a":1,"password":{MASKED},"b":2}}'


def test_only_members_have_names():
    text = '["password", "x", {"a": "password"}]'
    assert mask(text) == text


def test_what_holds_no_such_name_comes_back_as_the_same_object():
    raw = b'{"orderId": 12345678901234567890123, "note": "\xc3\xbc"}'
    assert REDACTOR.mask_json(raw) is raw


def test_a_beginning_ends_before_what_it_does_not_tell():
    assert REDACTOR.mask_start(b'{"n": 1, "password": "hunt') == b'{"n": 1, "password": '
    assert REDACTOR.mask_start(b'{"n": 1, "password": {"a": "]}]}') == b'{"n": 1, "password": '
    assert REDACTOR.mask_start(b'{"n": 1, "body": "{\\"pass') == b'{"n": 1, "body": '
    assert REDACTOR.mask_start(b'{"n": 1, "note": "some te') == b'{"n": 1, "note": "some te'
    assert REDACTOR.mask_start('{"note": "gr\u00fc'.encode()[:-1]) == b'{"note": "gr'
    assert REDACTOR.mask_start(b'\xff{"note": 1') == b""


def test_hidden_values_are_the_texts_and_numbers_that_are_masked():
    raw = json.dumps(
        {
            "password": "hunter2",
            "name": "visible",
            "cards": [{"number": 4111111111111111, "cvv": "123"}, {"holder": "J. Doe", "ok": True, "none": None}],
            "body": json.dumps({"access_token": "abcdef"}),
            "cardJson": json.dumps({"pan": "5500005555555559"}),
            "refresh_token": "Bearer xyzzy",
        }
    ).encode()
    whole = json.dumps({"pan": "5500005555555559"})
    assert REDACTOR.hidden_values(raw) == frozenset({
        "hunter2", "4111111111111111", "J. Doe", "abcdef", "5500005555555559", "Bearer xyzzy", "xyzzy", whole,
        json.dumps(whole)[1:-1],
    })  # fmt: skip


def test_too_many_hidden_values_are_not_known():
    assert REDACTOR.hidden_values(json.dumps({"cards": [str(n) for n in range(10_000, 12_000)]}).encode()) is None


def test_known_values_are_masked_in_other_strings():
    raw = b'{"echo": "it was hunter2!", "n": 1.0, "t": "\\u00fc"}'
    assert REDACTOR.mask_json(raw, frozenset({"hunter2"})) == raw.replace(b"hunter2", MASK.encode())
    assert REDACTOR.mask_json(raw, None).decode() == f'{{"echo": {MASKED}, "n": 1.0, "t": {MASKED}}}'


def test_messages_in_a_report_are_masked_like_texts():
    raw = b'{"percent": 12.5, "message": "login with password=hunter2"}'
    assert REDACTOR.mask_report(raw) == raw.replace(b"hunter2", MASK.encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "•••"}', r'{"password": "\u2022\u2022\u2022"}', '["•••"]', '"•••"', '{"a": [{"b": " ••• "}]}',
        json.dumps({"body": json.dumps({"password": MASK})}), json.dumps(json.dumps(json.dumps([MASK]))),
        json.dumps({"body": json.dumps({"password": MASK}, ensure_ascii=False)}, ensure_ascii=False),
    ],
)  # fmt: skip
def test_a_mask_that_was_left_in_a_payload_is_seen(text):
    assert holds_mask(text.encode())


@pytest.mark.parametrize(
    "text", ['{"•••": 1}', '"a ••• b"', '{"password": "x"}', '"••"', '"••••"', "[", '{"a": "[•••"}']
)
def test_other_payloads_hold_no_mask(text):
    assert not holds_mask(text.encode())


@given(PIECES)
def test_whatever_was_masked_holds_a_mask(piece):
    raw, masked = piece
    assert holds_mask(masked.encode()) is (raw != masked)


@pytest.mark.parametrize(
    "text",
    [
        '{"password":' + "[" * 400 + "]" * 400 + "}",
        "[" * 100_000,
        '{"password": [' + "[]," * (MEBIBYTE // 3) + "1]}",
        "[" + '{"password":1},' * (MEBIBYTE // 15) + "1]",
        json.dumps(["\\" * (MEBIBYTE // 2), '"password' * 50_000]),
        '{"password": "' + '\\"' * (MEBIBYTE // 2) + '"}',
        '"' + '\\"' * (MEBIBYTE // 2),
        '{"password": "' + "x" * MEBIBYTE,
    ],
    ids=["deep", "open", "brackets", "members", "backslashes", "quotes", "unterminated", "cut"],
)
def test_a_mebibyte_takes_no_longer_than_its_length(text):
    start = time.monotonic()
    REDACTOR.mask_json(text.encode())
    REDACTOR.mask_start(text.encode())
    REDACTOR.hidden_values(text.encode())
    assert time.monotonic() - start < 10
