"""The quick look through short JSON finds what the thorough one finds, or leaves it to that."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.redaction import DEFAULT_FIELDS
from jobs.redaction.documents import MASKED, is_json, scan
from jobs.redaction.names import FieldNames
from jobs.redaction.quick import LONGEST, QuickScan

PATTERNS = [("password", "*_token", "card*"), DEFAULT_FIELDS, ("*",), ("[a-p]*",), ("?",), (",*", ":*", "*\\*", '*"*')]
NAMES = [FieldNames(patterns) for patterns in PATTERNS]
KEYS = st.sampled_from([
    "password", "Access-Token", "accessToken", "cards", "pin", "a", "", ",", ":", ":password", "]", " pin", "1", "null",
    'x"password', 'x"pin', 'pin"', "pin\\", "\\pin", "pass\nword", "übersecret", "😀", "Straße", "pin:", "•••",
])  # fmt: skip
WORDS = st.sampled_from([
    "", "x", ":", ",", ": ", '"', "\\", '\\"', '"password": 1', '{"pin": 1}', '[{"cards": 1}]', ' \n{"password":"x"}',
    '"pin"', "pin", "École", "{", "[1,", "\u00a0[1]", '{"body": "{\\"pin\\": 1}"}', 'a "pin": 2', "•••",
])  # fmt: skip
LEAVES = WORDS | st.text(max_size=8) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
DOCUMENTS = st.recursive(
    LEAVES | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)
TOKENS = st.sampled_from(
    [*'[]{}:,"\\ \n', '"pin"', '"a"', ":", '\\"', "pin", "password", "1", "null", "\\u0070in", "\\u007b"]
)


def agrees(text: str, names: FieldNames) -> bool:
    """True unless the quick look found something else."""
    spans = QuickScan(names).spans(text)
    if spans is None:
        return True
    found = scan(text, names)
    return found.edits == [(*span, MASKED) for span in spans] and found.hidden == cut(text, spans)


def cut(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize("names", NAMES, ids=map(str, range(len(NAMES))))
@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 0, 2]))
def test_it_finds_the_same_in_whatever_is_written_as_json(names, document, ascii_only, indent):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert agrees(text, names)
    assert agrees(json.dumps({"body": text, "pin": text}, ensure_ascii=ascii_only), names)


@pytest.mark.parametrize("names", NAMES, ids=map(str, range(len(NAMES))))
@given(DOCUMENTS, st.data())
def test_it_finds_the_same_however_characters_are_escaped(names, document, data):
    text = json.dumps(document, ensure_ascii=False)
    for sign in data.draw(st.lists(st.sampled_from("pinas {[1:é"), max_size=3)):
        spelled = "".join(_escaped(each) if each == sign else each for each in text)
        text = spelled if is_json(spelled) else text
    assert agrees(text, names)


@pytest.mark.parametrize("names", NAMES, ids=map(str, range(len(NAMES))))
@given(st.lists(TOKENS, max_size=24).map("".join))
def test_it_finds_the_same_in_json_that_nobody_would_write(names, text):
    for wrapped in (text, f"[{text}]", f'{{"a":{text}}}', f'{{"{text}":1}}', f'{{"a":"{text}","pin":2}}'):
        assert not is_json(wrapped) or agrees(wrapped, names)


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('{"a": 1, "accessToken": "x", "cards": null}', ['"x"', "null"]),
        ('{"note": "say \\"hi\\"\\n", "password" : -1.5e3}', ["-1.5e3"]),
        ('{"city": "\\u00c9vry", "password": "a\\"}{"}', ['"a\\"}{"']),
        ('{"orders": [{"password": 1}, {"password": 2}]}', ["1", "2"]),
        ('{"a": "password"}', []),
        ("12", []),
    ],
)
def test_ordinary_payloads_are_looked_through_quickly(text, hidden):
    spans = QuickScan(NAMES[0]).spans(text)
    assert spans is not None
    assert cut(text, spans) == hidden


@pytest.mark.parametrize(
    "text",
    [
        '{"password": {"a": 1}}',
        '{"password": [1]}',
        '{"body": "{\\"password\\": 1}"}',
        '{"body": "\\u007b\\"password\\": 1}"}',
        '{"body": "\\n{\\"password\\": 1}"}',
        '{"pass\\u0077ord": 1}',
        json.dumps({"password": "x" * LONGEST}),
    ],
)
def test_all_else_is_left_to_the_thorough_one(text):
    assert QuickScan(NAMES[0]).spans(text) is None
