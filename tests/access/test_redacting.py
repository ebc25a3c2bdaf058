"""Who sees fields masked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.access.principal import Principal
from jobs.access.redacting import redactor_for
from jobs.conf import Config
from jobs.redaction import DEFAULT_FIELDS, redactor_of
from jobs.rights import ROLES, Right, rights_of
from jobs.scopes import Scope


@pytest.mark.parametrize(
    ("rights", "is_masked"),
    [
        (ROLES["Viewer"], True),
        (ROLES["Operator"], True),
        (ROLES["Admin"], False),
        (rights_of([Scope.READ, Scope.OPERATE]), True),
        (rights_of([Scope.READ, Scope.PAYLOADS]), False),
        (rights_of([Scope.ADMIN]), False),
        (frozenset({Right.VIEW, Right.EDIT_PAYLOAD}), True),
        (frozenset(), True),
    ],
)
def test_fields_are_masked_for_all_but_those_who_may_see_payloads(rights, is_masked):
    redactor = redactor_for(Principal("user:1", "ada", rights), Config())
    assert (redactor is not None) is is_masked
    assert redactor is None or redactor.patterns == DEFAULT_FIELDS


def test_where_nothing_is_to_be_hidden_nothing_is():
    assert redactor_for(Principal("user:1", "ada", frozenset()), replace(Config(), redact_fields=())) is None


def test_the_redactor_of_a_configuration_is_made_once():
    who = Principal("user:1", "ada", frozenset())
    assert redactor_for(who, Config()) is redactor_for(who, Config())


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (b'[{"name":"password","value":"hunter2"}]', b'[{"name":"password","value":"hunter2"}]'),
        (b'["--password","hunter2"]', b'["--password","hunter2"]'),
        (b'{"pin":123,"creditCard":"4111"}', '{"pin":"•••","creditCard":"•••"}'.encode()),
    ],
)
def test_it_goes_by_the_names_of_fields(given, shown):
    assert redactor_of(DEFAULT_FIELDS).mask_json(given) == shown


def test_three_digits_are_masked_beside_their_name_and_nowhere_else():
    redactor = redactor_of(DEFAULT_FIELDS)
    known = redactor.hidden_values(b'{"cvv":123,"pin":"4711"}')
    assert (
        redactor.mask_text("order 123 with pin=4711 and cvv=123 of 4711", known)
        == "order 123 with pin=••• and cvv=••• of •••"
    )
