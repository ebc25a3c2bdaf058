"""How fast a queue moves: from whole tens of seconds where there are some, and never from when it stood still."""

from jobs.store.pace import Pace, pace_of


def bucket(arrived=0, completed=0, failed=0):
    return {"q|in": arrived, "q|completed": completed, "q|failed": failed, "other|in": 7}


def test_a_queue_that_has_moved_for_long_has_the_pace_of_its_last_three_whole_buckets():
    whole = [bucket(900, 900), bucket(1), bucket(1), bucket(30, 20, 10), bucket(60, 30), bucket()]
    assert pace_of("q", whole, bucket(999), 9_000) == Pace(3.0, 2.0)


def test_where_nothing_has_moved_the_pace_is_known_to_be_nothing():
    assert pace_of("q", [bucket()] * 6, bucket(), 3_000) == Pace(0.0, 0.0)


def test_the_bucket_in_which_a_queue_began_is_left_out_for_later_ones():
    began = [bucket()] * 3 + [bucket(12_000, 50)]
    assert pace_of("q", [*began, bucket(0, 2_000), bucket(0, 3_000)], bucket(), 0) == Pace(0.0, 250.0)
    assert pace_of("q", [*began, bucket(0, 2_000)], bucket(0, 9_999), 9_999) == Pace(0.0, 200.0)


def test_until_then_half_of_the_running_bucket_will_do():
    began = [bucket()] * 5 + [bucket(12_000, 50)]
    assert pace_of("q", began, bucket(0, 1_000), 5_000) == Pace(0.0, 200.0)


def test_before_it_the_pace_is_a_guess_from_all_that_was_counted():
    began = [bucket()] * 5 + [bucket(1_200, 50)]
    assert pace_of("q", began, bucket(0, 550, 400), 2_500) == Pace(96.0, 80.0, False)
    assert pace_of("q", [bucket()] * 6, bucket(12_000, 12_000), 8_000) == Pace(1500.0, 1500.0, False)
    assert pace_of("q", [bucket()] * 6, bucket(5), 1) == Pace(5.0, 0.0, False)


def test_a_queue_that_has_come_to_rest_slows_down_to_nothing():
    whole = [bucket(0, 900)] * 3 + [bucket()] * 2
    assert pace_of("q", [bucket(0, 900), *whole], bucket(), 0).leaving == 30.0
    assert pace_of("q", [*whole, bucket()], bucket(), 0) == Pace(0.0, 0.0)
