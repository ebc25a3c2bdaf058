"""Masking in texts for people: errors, tracebacks, log lines, progress."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.fingerprint import failure_of
from jobs.redaction import DEFAULT_FIELDS, MASK, Redactor

REDACTOR = Redactor(DEFAULT_FIELDS)
NAMES = st.sampled_from(
    ["password", "PASSWORD", "accessToken", "access-token", "api_key", "cardNumber", "user.password"]
)
ANYTHING = st.text(st.characters(exclude_characters="•…", exclude_categories=["Cs"]), min_size=4, max_size=30)
WORDS = st.text(st.sampled_from("abcXYZ019_-.+/=$!"), min_size=1, max_size=20).filter(lambda word: word[0] != "=")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2", "password=•••"),
        ("password = hunter2 for bob", "password = ••• for bob"),
        ('"token": "abc"', '"token": "•••"'),
        ("{'password': 'x y', 'n': 1}", "{'password': '•••', 'n': 1}"),
        ("login(user='bob', password='it\\'s', n=1)", "login(user='bob', password='•••', n=1)"),
        (r"body {\"token\": \"a\\\"b\", \"n\": 1}", r"body {\"token\": \"•••\", \"n\": 1}"),
        ("Authorization: Bearer abc", "Authorization: •••"),
        ('Authorization: Digest username="x", realm="y"\nHost: z', "Authorization: •••\nHost: z"),
        ("Cookie: a=b; c=d\nHost: z", "Cookie: •••\nHost: z"),
        ("refused: bearer eyJh.bGci", "refused: bearer •••"),
        ("[('X-Api-Key', 'abc'), ('Host', 'z')]", "[('X-Api-Key', '•••'), ('Host', 'z')]"),
        ("card_number: 4111 1111 1111 1111, retrying", "card_number: •••, retrying"),
        ("card_number=4111 1111 1111 1111 was declined", "card_number=••• was declined"),
        ('"card number": "4111"', '"card number": "•••"'),
        ("card={'number': 4111, 'holder': [1]} declined", "card=••• declined"),
        ('"card": {\n  "number": 4111\n}, "n": 1', '"card": •••, "n": 1'),
        ('"card": {\n  "number": 4111', '"card": •••'),
        ("https://x/y?token=abc&page=2", "https://x/y?token=•••&page=2"),
        ('url="https://x/y?token=abc", timeout=5', 'url="https://x/y?token=•••", timeout=5'),
        ("mysql -u root --password hunter2 shop", "mysql -u root --password ••• shop"),
        ("--api-key=abc --verbose", "--api-key=••• --verbose"),
        ("<password>x y</password>", "<password>•••</password>"),
        ("os.environ['SECRET_KEY'] = 'abc'", "os.environ['SECRET_KEY'] = '•••'"),
        ("headers = {'authorization': f'Bearer {key}'}", "headers = {'authorization': f'•••'}"),
        ('private_key="""-----BEGIN\nabc\n""" end', 'private_key="""•••""" end'),
        ('password="hunt', 'password="•••'),
        ("password=", "password="),
        ("token: null, n: 1", "token: •••, n: 1"),
    ],
)
def test_values_of_fields_are_masked_however_they_are_written(text, masked):
    assert REDACTOR.mask_text(text) == masked
    assert REDACTOR.mask_text(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the password is wrong",
        "missing argument 'password'",
        'File "/app/card.py", line 3, in charge_card',
        "CardError: Your card was declined",
        "tokens: 12, max_tokens=5",
        "a->cards > 5",
        "Bearers: 3",
    ],
)
def test_texts_that_show_no_value_stay(text):
    assert REDACTOR.mask_text(text) == text


def test_the_name_of_an_exception_is_no_field():
    assert REDACTOR.mask_text("CardDeclined: no funds", error_type="CardDeclined") == "CardDeclined: no funds"
    assert REDACTOR.mask_error("CardDeclined: no funds, token=abc") == "CardDeclined: no funds, token=•••"


def test_without_known_values_only_the_type_of_an_error_is_shown():
    assert REDACTOR.mask_error("ValueError: it was hunter2", None) == "ValueError: •••"
    assert REDACTOR.mask_text("it was hunter2", None) == MASK
    assert REDACTOR.mask_text("", None) == ""


@given(NAMES, ANYTHING)
def test_whatever_stands_in_quotes_is_masked(name, secret):
    quoted = repr(secret)
    assert REDACTOR.mask_text(f"{{'{name}': {quoted}, 'n': 1}}") == f"{{'{name}': {quoted[0]}•••{quoted[0]}, 'n': 1}}"
    assert REDACTOR.mask_text(f"f({name}={quoted})") == f"f({name}={quoted[0]}•••{quoted[0]})"
    assert json.loads(REDACTOR.mask_text(json.dumps({name: secret, "n": 1}))) == {name: MASK, "n": 1}


@given(NAMES, ANYTHING, st.integers(1, 3))
def test_json_in_json_in_a_text_is_masked(name, secret, depth):
    text, masked = json.dumps({name: secret}), json.dumps({name: MASK}, ensure_ascii=False)
    for _ in range(depth):
        text, masked = json.dumps(text), json.dumps(masked, ensure_ascii=False)
    assert REDACTOR.mask_text(f"sent {text} twice") == f"sent {masked} twice"


@given(NAMES, WORDS)
@example("password", "a-b")
def test_a_plain_word_is_masked(name, secret):
    assert REDACTOR.mask_text(f"got {name}={secret} there") == f"got {name}=••• there"
    assert REDACTOR.mask_text(f"got {name}: {secret}, there") == f"got {name}: •••, there"


@given(ANYTHING, ANYTHING, ANYTHING)
def test_known_values_are_masked_wherever_they_stand(before, secret, after):
    known = REDACTOR.hidden_values(json.dumps({"password": secret}).encode())
    assert known is not None
    for form in (secret.strip(), repr(secret.strip())[1:-1], json.dumps(secret.strip())[1:-1]):
        if len(form) >= 4:
            assert form not in REDACTOR.mask_text(f"{before}{form}{after}", known)


def test_a_known_value_does_not_hide_the_name_of_a_field():
    known = REDACTOR.hidden_values(b'{"password": "password"}')
    assert "hunter2" not in REDACTOR.mask_text("password=hunter2", known)


def test_values_are_found_without_their_scheme_and_line_by_line():
    known = REDACTOR.hidden_values(b'{"authorization": "Bearer abcdef", "secret": "first line\\nsecond \\"line\\""}')
    assert REDACTOR.mask_text('sent abcdef\n    first line\n    second "line"', known) == "sent •••\n    •••\n    •••"


def test_the_beginning_of_a_value_is_masked_where_a_text_was_cut():
    known = frozenset({"correct horse battery"})
    assert REDACTOR.mask_text("it was correct ho", known) == "it was •••"
    assert REDACTOR.mask_text("it was correct ho…\nand correct h", known) == "it was •••…\nand •••"
    assert REDACTOR.mask_text("it was correct ho again", known) == "it was correct ho again"


@pytest.mark.parametrize("before", range(8150, 8200, 7))
def test_a_value_is_masked_on_both_sides_of_what_was_left_out(before):
    secret = "".join(chr(ord("A") + n % 26) for n in range(60_000))
    failure = failure_of(ValueError("x" * before + secret))
    raised = failure.traceback or failure.message
    assert "ABCDEF" in raised
    masked = REDACTOR.mask_text(raised, frozenset({secret}))
    assert "ABCDEF" not in masked


FRAGMENTS = st.sampled_from([
    "hunter2", "hunt", "hun", "4111", "password=x1", "Bearer abc", "bearer", "a step", " ", "…", "…\n", "\n", "\\u0070",
    "ü", "\n… 1,234 bytes and more are left out …\n", "no route to host-5.example.com", '"pin": 1', "•••",
])  # fmt: skip
SECRETS = st.frozensets(st.sampled_from(["hunter2", "4111", "step one", "host-5"]), min_size=1, max_size=4)
NEVER = frozenset(f"{number:02d}-never-in-it" for number in range(20))  # too many for a quick look


@given(st.lists(FRAGMENTS, max_size=6).map("".join), SECRETS)
def test_a_quick_look_hides_what_a_thorough_one_hides(text, known):
    assert REDACTOR.mask_text(text, known) == REDACTOR.mask_text(text, known | NEVER)


@given(
    st.text(max_size=300)
    | st.text(st.sampled_from("password:=\"'\\[](){}<>,;& \n\t•…-bB"), max_size=300)
    | st.lists(st.sampled_from(["token", "=", ":", '"', "'", "\\", "[", "}", " ", "\n", "x", "Bearer", "--"])).map(
        "".join
    ),
    st.none() | st.frozensets(st.text(min_size=4, max_size=6), max_size=3),
)
def test_any_text_can_be_masked(text, known):
    assert isinstance(REDACTOR.mask_text(text, known, "token"), str)


SIZE = 32 * 1024
HOSTILE = {
    "backslashes": "\\" * SIZE,
    "keys and quotes": 'password="' * (SIZE // 10),
    "escaped quotes": 'password=\\"' * (SIZE // 11),
    "every depth": "".join("token=" + "\\" * (n % 9) + '"x' for n in range(SIZE // 12)),
    "open brackets": "card=[" * (SIZE // 6),
    "open quote in a bracket": 'card=["' + '\\"' * (SIZE // 2),
    "open quote before backslashes": 'token="' + "\\" * SIZE,
    "one long word": "token" * (SIZE // 5),
    "spaces": ("token" + " " * 500) * (SIZE // 505),
    "apostrophes": "token'" * (SIZE // 6),
    "numbers": "token=a" + " 1" * (SIZE // 2),
    "commas": "token: " + ",a" * (SIZE // 2),
    "ellipses": "aaaa…\n" * (SIZE // 6),
    "gaps": "\n… 1,1" * (SIZE // 6),
    "bearers": "bearer " * (SIZE // 7),
    "dashes": "-" * SIZE,
    "values": "a" * SIZE,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_takes_no_longer_than_its_length(text):
    start = time.monotonic()
    REDACTOR.mask_text(text)
    REDACTOR.mask_text(text, frozenset("aaaa" + "b" * n for n in range(1000)))
    assert time.monotonic() - start < 3


def test_a_text_with_too_much_to_mask_is_masked_as_a_whole():
    assert REDACTOR.mask_text("aaaa " * 20_000, frozenset({"aaaa"})) == MASK
