"""What a decision did, and how a pool stands, in a few words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
from msgspec.structs import replace

from jobs.conf import Config
from monitoring.scaling_words import changed_by, standings, told, told_of, trouble_sentence
from monitoring.templatetags.scaling import span
from scaling.api.answers import HandView, PauseView, PolicyView, PoolScaling
from scaling.api.examples import ANSWERS
from scaling.models import ScalingPolicy

NOW: Final = "2026-03-01T08:05:00.000Z"


def pool(policy: dict[str, Any] | None = None, **changes: Any) -> PoolScaling:
    """A pool on which nothing is out of the ordinary, but for these changes."""
    usual = PolicyView.of(ScalingPolicy.first("p", Config()))
    last = replace(ANSWERS[PoolScaling].last_decision, at=NOW, last_at=NOW)
    found = {"pool": "p", "policy": usual, "trouble": None, "owner": None, "by_hand": None, "paused": None}
    found |= {"last_decision": last, "at": NOW, "policy": replace(usual, **(policy or {}))}
    made: PoolScaling = replace(ANSWERS[PoolScaling], **{**found, **changes})
    return made


@pytest.mark.parametrize(
    ("action", "target", "dry_run", "words"),
    [
        ("scale_up", 5, False, "Grew from 2 to 5 workers"),
        ("scale_up", 5, True, "Would have grown from 2 to 5 workers"),
        ("scale_down", 1, False, "Shrank from 2 to 1 worker"),
        ("scale_down", 1, True, "Would have shrunk from 2 to 1 worker"),
        ("hold", 2, True, "Stays at 2 workers"),
    ],
)
def test_advice_that_was_not_carried_out_is_told_as_such(action, target, dry_run, words):
    made = SimpleNamespace(action=action, current=2, target=target, dry_run=dry_run)
    assert told(cast("Any", made)) == words


@pytest.mark.parametrize(
    ("action", "target", "trouble", "words"),
    [
        (
            "scale_up",
            1200,
            "pool p has 1 worker and should have 1200",
            "Should have grown from 1,100 to 1,200 workers",
        ),
        ("scale_down", 1, "pool p has 1,100 workers and should have 1", "Should have shrunk from 1,100 to 1 worker"),
        ("hold", 1100, "pool p has 1 worker and should have 1100", "Stays at 1,100 workers"),
        ("scale_up", 1200, "pool p has not been decided for in 40 s", "Grew from 1,100 to 1,200 workers"),
    ],
)
def test_what_a_pool_did_not_follow_is_not_told_as_done(action, target, trouble, words):
    last = replace(ANSWERS[PoolScaling].last_decision, action=action, current=1100, target=target)
    assert told_of(pool(last_decision=last, trouble=trouble)) == words


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (None, ""),
        ("cooldown_up", "changed by the guard: cooldown"),
        ("stale_input", "held: stale figures"),
        ("by_hand", "ordered by hand"),
        ("not_ours", "not carried out"),
    ],
)
def test_who_changed_what_was_proposed_is_said(guard, words):
    assert changed_by(replace(ANSWERS[PoolScaling].last_decision, guard=guard)) == words


@pytest.mark.parametrize(
    ("trouble", "word"),
    [
        ("pool p has 1 worker and should have 5: no supervisor of it lives", "does not follow"),
        ("pool p has 9 workers and should have 5", "does not follow"),
        ("pool p has not been decided for in 40 s", "not decided for"),
        ("pool p: The API server does not answer. Nothing is carried out.", "out of reach"),
        ("pool p cannot be read: its key holds a string", "cannot be read"),
        ("pool p is odd", "in trouble"),
    ],
)
def test_each_trouble_has_the_word_for_it(trouble, word):
    [found] = standings(pool(trouble=trouble))
    assert (found.word, found.tone) == (word, "is-danger")
    assert found.meaning == f"P{trouble[1:].rstrip('.')}."


def test_the_stop_of_a_trouble_is_not_doubled():
    said = trouble_sentence(pool(trouble="pool p: It does not answer. Nothing is carried out."))
    assert said == "Pool p: It does not answer. Nothing is carried out."


def test_a_pool_as_it_should_be_has_no_tag():
    assert standings(pool()) == []


@pytest.mark.parametrize(
    ("policy", "changes", "words"),
    [
        ({"enabled": False, "dry_run": True}, {"owner": "HPA x scales it."}, ["nobody decides"]),
        ({"enabled": False, "actuator": "none"}, {"at": "2026-03-01T09:05:00.000Z"}, ["nobody decides"]),
        ({"dry_run": True}, {}, ["dry run"]),
        ({"actuator": "none", "dry_run": True}, {}, ["observed only"]),
        ({"dry_run": True}, {"at": "2026-03-01T08:07:00.000Z"}, ["not decided for", "dry run"]),
        ({}, {"at": "2026-03-01T08:06:30.000Z"}, []),
        ({}, {"owner": "HPA x scales it."}, ["owned elsewhere"]),
        ({}, {"paused": PauseView(since=NOW, by="", reason=None)}, ["paused"]),
        ({}, {"by_hand": HandView(workers=1, until=None, by="ada", reason=None)}, ["by hand"]),
    ],
)
def test_tags_say_what_is_so_and_nothing_else(policy, changes, words):
    assert [each.word for each in standings(pool(policy, **changes))] == words


@pytest.mark.parametrize(
    ("guard", "tone"), [("broken_strategy", "is-danger"), ("unknown_strategy", "is-danger"), ("stale_input", "is-warn")]
)
def test_a_pool_that_is_held_says_for_want_of_what(guard, tone):
    last = replace(ANSWERS[PoolScaling].last_decision, at=NOW, last_at=NOW, guard=guard, reason="It broke.")
    assert standings(pool(last_decision=last)) == [
        (f"held: {guard.replace('_', ' ')}".replace("input", "figures"), tone, "It broke.")
    ]


def test_a_pool_that_is_held_and_in_trouble_for_it_is_not_out_of_reach():
    last = replace(ANSWERS[PoolScaling].last_decision, at=NOW, last_at=NOW, guard="broken_strategy")
    [found] = standings(pool(last_decision=last, trouble="pool p: It broke."))
    assert found.word == "held: broken strategy"


def test_tags_name_who_ordered_what():
    hand = standings(pool(by_hand=HandView(workers=1, until=None, by="ada", reason=None)))
    pause = standings(pool(paused=PauseView(since=NOW, by="", reason=None)))
    assert [hand[0].meaning, pause[0].meaning] == ["ada wants 1 worker.", "Somebody has paused scaling."]


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 ms"),
        (250, "250 ms"),
        (1500, "1.5 s"),
        (5000, "5 s"),
        (90_000, "90 s"),
        (120_000, "2 min"),
        (86_400_000, "1 d"),
        (1_234_567_000, "1234567 s"),
    ],
)
def test_what_somebody_has_set_is_not_rounded(milliseconds, words):
    assert span(milliseconds) == words
