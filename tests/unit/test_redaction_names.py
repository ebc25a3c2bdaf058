"""Which fields patterns mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.conf import load
from jobs.errors import ConfigError
from jobs.redaction import DEFAULT_FIELDS, field_patterns
from jobs.redaction.names import FieldNames

DEFAULT = FieldNames(DEFAULT_FIELDS)
WORDS = st.sampled_from(["api", "key", "token", "card", "iban", "x", "ü", "K", "1"])
NAMES = st.builds(
    lambda words, joint, shape: joint.join(map(shape, words)),
    st.lists(WORDS, min_size=1, max_size=4),
    st.sampled_from(["", "_", "-", " ", "."]),
    st.sampled_from([str.lower, str.upper, str.title]),
)


@pytest.mark.parametrize(
    "name",
    [
        "password", "PASSWORD", "userPassword", "password_hash", "db-passwd", "accessToken", "Access-Token",
        "access_token", "ACCESS_TOKEN", "token", "clientSecret", "secret_key", "Authorization", "Proxy-Authorization",
        "X-Api-Key",
        "apiKey", "APIKey", "apikey", "privateKey", "awsAccessKey", "card", "cardNumber", "card_number", "cvv", "IBAN",
        "Set-Cookie", "credentials", "credit_card", "creditCardNumber", "my_credit_card", "creditcard", "debitCard",
        "user_card_number", "pin", "PIN", "pinCode", "passcode", "securityCode",
    ],
)  # fmt: skip
def test_the_default_means_what_secrets_are_usually_called(name):
    assert DEFAULT.fit(name)
    assert DEFAULT.may_occur(f'{{"{name}": 1}}')


@pytest.mark.parametrize(
    "name",
    [
        "",
        "name",
        "tokens",
        "max_tokens",
        "discard",
        "postcard",
        "pass",
        "key",
        "author",
        "cookies",
        "libanon",
        "shipping",
        "pinned",
        "spin",
        "mapPins",
        "credit",
        "scorecard",
    ],
)
def test_the_default_leaves_other_fields_alone(name):
    assert not DEFAULT.fit(name)


@pytest.mark.parametrize(
    ("pattern", "meant", "other"),
    [
        ("p?n", "pin", "pn"),
        ("[pt]in", "TIN", "bin"),
        ("*", "anything", None),
        ("geheim*", "Geheimwort", "ungeheim"),
        ("contraseña", "CONTRASEÑA", "contrasena"),
        ("a.b", "a.b", "axb"),
        ("card_number", "cardNumber", "cardnumber"),
    ],
)
def test_patterns_are_shell_like_and_ignore_case(pattern, meant, other):
    names = FieldNames((pattern,))
    assert names.fit(meant)
    assert names.may_occur(f'{{"{meant}": 1}}')
    assert other is None or not names.fit(other)


@given(NAMES, st.lists(st.sampled_from(["*token", "api_key", "card*", "i*n", "?", "*-1", "ü"]), min_size=1))
def test_a_name_that_is_meant_is_never_overlooked_by_the_quick_look(name, patterns):
    names = FieldNames(tuple(patterns))
    assert not names.fit(name) or names.may_occur(f'{{"{name}": null}}')


def test_names_of_any_length_are_compared_in_linear_time():
    assert FieldNames(("*a*a*a*a*b",)).fit("a" * 100_000) is False


def test_no_pattern_means_no_field():
    names = FieldNames(())
    assert not names.fit("password")
    assert not names.may_occur('{"password": 1}')


def test_patterns_come_from_one_setting():
    assert field_patterns(" password, *_token ,password,") == ("password", "*_token")
    assert field_patterns("None") == ()


@pytest.mark.parametrize("text", ["a b", 'a"b', "x" * 65, ",".join(f"f{n}" for n in range(101)), ",", "a\\b"])
def test_patterns_that_can_mean_nothing_are_refused_with_a_hint(text):
    with pytest.raises(ValueError, match="separated by commas"):
        field_patterns(text)


def test_the_setting_is_read_from_the_environment():
    assert load({}).redact_fields == DEFAULT_FIELDS
    assert load({"REDACT_FIELDS": "pin, *_key"}).redact_fields == ("pin", "*_key")
    assert load({"REDACT_FIELDS": "none"}).redact_fields == ()
    with pytest.raises(ConfigError, match="REDACT_FIELDS='a b' is refused: give up to 100 names"):
        load({"REDACT_FIELDS": "a b"})
