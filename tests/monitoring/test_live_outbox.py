"""What waits for one viewer: the newest of each topic, two frames on their way, and an end to patience."""

import json
import math

from monitoring.live.outbox import Outbox
from monitoring.live.topics import Topic

STATUS, JOBS, QUEUES = Topic.STATUS, Topic.JOBS, Topic.QUEUES


def outbox(*topics, rate=0.0):
    made = Outbox()
    made.subscribe(frozenset(topics), rate)
    return made


def sent(box, now=0.0):
    frames = []
    while (text := box.next_frame(now)) is not None:
        frame = json.loads(text)
        frames.append((frame["seq"], frame["topic"], frame["data"]))
    return frames


def test_two_frames_are_on_their_way_and_the_third_waits_for_an_ack():
    box = outbox(STATUS, JOBS, QUEUES)
    for number, topic in enumerate((STATUS, JOBS, QUEUES)):
        assert box.offer(topic, str(number))
    assert sent(box) == [(1, "status", 0), (2, "jobs", 1)]
    assert box.next_look(0.0) == 10.0
    assert box.ack(1)
    assert sent(box) == [(3, "queues", 2)]


def test_what_waits_is_replaced_and_keeps_its_turn():
    box = outbox(STATUS, JOBS)
    for number in range(1000):
        box.offer(STATUS, str(number))
        box.offer(JOBS, str(number))
    assert sent(box) == [(1, "status", 999), (2, "jobs", 999)]


def test_an_ack_counts_for_all_before_it_and_once():
    box = outbox(STATUS, JOBS)
    box.offer(STATUS, "0")
    box.offer(JOBS, "0")
    sent(box)
    assert not box.ack(3)
    assert box.ack(2)
    assert not box.ack(2)
    assert not box.ack(1)
    assert box.next_look(0.0) == math.inf


def test_patience_ends_after_ten_seconds_without_the_oldest_ack():
    box = outbox(STATUS)
    box.offer(STATUS, "0")
    sent(box, now=100.0)
    assert not box.is_overdue(109.9)
    assert box.is_overdue(110.0)
    box.ack(1)
    assert not box.is_overdue(200.0)


def test_a_topic_goes_out_as_often_as_was_wished_and_the_news_of_the_store_at_once():
    box = outbox(STATUS, rate=2.0)
    box.offer(STATUS, "0")
    assert len(sent(box, now=0.0)) == 1
    box.ack(1)
    box.offer(STATUS, "1")
    assert sent(box, now=1.5) == []
    assert box.next_look(1.5) == 0.5
    box.offer(Topic.STORE, "2")
    assert sent(box, now=1.5) == [(2, "store", 2)]
    box.ack(2)
    assert sent(box, now=2.0) == [(3, "status", 1)]


def test_what_nobody_wants_any_more_does_not_go_out():
    box = outbox(STATUS, JOBS)
    box.offer(STATUS, "0")
    box.offer(JOBS, "0")
    box.subscribe(frozenset({JOBS}), 0.0)
    assert not box.offer(STATUS, "1")
    assert sent(box) == [(1, "jobs", 0)]
