"""JSON as a tree: numbers as they were written, every text escaped, bounded."""

import re

import pytest

from monitoring.json_tree import LONGEST_STRING, MOST_DEPTH, MOST_NODES, tree_of


def leaves(document: bytes) -> list[str]:
    return re.findall(r'<div class="tree-leaf[^"]*">(.*?)</div>', tree_of(document))


@pytest.mark.parametrize("number", ["0", "-0.0", "1.0", "1e400", "12345678901234567890123", "1.50"])
def test_a_number_is_shown_as_it_was_written(number):
    assert leaves(number.encode()) == [f'<span class="tree-number">{number}</span>']


def test_words_are_told_from_texts():
    assert [re.sub("<.*?>", "", leaf) for leaf in leaves(b'[null,true,false,"null"]')] == [
        "0: null", "1: true", "2: false", "3: &quot;null&quot;",
    ]  # fmt: skip


def test_keys_and_texts_are_escaped():
    html = tree_of(b'{"<img src=x>": "</div><script>alert(1)</script>"}')
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_what_turns_the_order_of_letters_is_shown_as_an_escape():
    assert "\\u202e" in tree_of('{"a\u202eb": "c\u202ed"}'.encode())
    assert "\u202e" not in tree_of('{"a\u202eb": "c\u202ed"}'.encode())


def test_both_of_two_equal_keys_are_shown():
    assert len(leaves(b'{"a":1,"a":2}')) == 2


def test_an_empty_object_and_an_empty_array_differ():
    assert leaves(b'{"a":{},"b":[]}') == [
        '<span class="tree-key">a</span>: {}', '<span class="tree-key">b</span>: []',
    ]  # fmt: skip


def test_large_documents_are_cut_and_say_so():
    html = tree_of(b"[" + b",".join([b"1"] * (MOST_NODES + 500)) + b"]")
    assert html.count("tree-number") == MOST_NODES - 1
    assert "501 more, in the raw JSON" in html
    assert " open" not in html
    text = tree_of(b'"' + b"x" * (LONGEST_STRING + 7) + b'"')
    assert "7 more characters, in the raw JSON" in text


def test_the_deepest_payload_is_shown():
    assert tree_of(b"[" * 100 + b"]" * 100).count("<details") == 99


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_what_is_deeper_is_cut_and_says_so(left, right):
    html = tree_of(left * 900 + b"1" + right * 900)
    assert html.count("<details") == MOST_DEPTH
    assert html.count("deeper, in the raw JSON") == 1


def test_what_is_no_json_is_shown_as_text():
    assert "&lt;b&gt;" in tree_of(b"<b>\xff")
