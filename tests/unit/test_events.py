"""Announcements inside a process."""

from jobs.events import Announcer, Event, EventName

EVENT = Event(name=EventName.COMPLETED, job_id="j-1", type="work", queue="default", duration_ms=5)


def test_every_subscriber_hears_every_event_in_the_order_of_subscription():
    announcer, heard = Announcer(), list[tuple[int, Event]]()
    announcer.subscribe(lambda event: heard.append((1, event)))
    announcer.subscribe(lambda event: heard.append((2, event)))
    announcer.announce(EVENT)
    assert heard == [(1, EVENT), (2, EVENT)]


def test_nobody_listens_until_somebody_subscribes_and_after_they_left():
    announcer, heard = Announcer(), list[Event]()
    assert not announcer
    leave = announcer.subscribe(heard.append)
    assert announcer
    leave()
    leave()
    announcer.announce(EVENT)
    assert not announcer
    assert heard == []


def test_a_subscriber_that_fails_is_logged_and_the_next_one_hears(caplog):
    announcer, heard = Announcer(), list[Event]()

    def broken(event):
        raise RuntimeError("broken subscriber")

    announcer.subscribe(broken)
    announcer.subscribe(heard.append)
    announcer.announce(EVENT)
    assert heard == [EVENT]
    assert "a subscriber failed" in caplog.text
    assert "locals>.broken" in caplog.text


def test_a_subscriber_may_leave_while_it_is_called():
    announcer, heard = Announcer(), list[Event]()

    def once(event):
        heard.append(event)
        leave()

    leave = announcer.subscribe(once)
    announcer.subscribe(heard.append)
    announcer.announce(EVENT)
    announcer.announce(EVENT)
    assert len(heard) == 3
