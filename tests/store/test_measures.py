"""What handlers measure, in the store: counted once, at most fifty series a type."""

from jobs.store.measures import Measure, series_of

ROWS, DEPTH = series_of("rows_total", {}), series_of("depth", {"disk": "a"})


def kept(kit, job_type="mail"):
    [figures] = kit.store.metrics.types({job_type: 0}).values()
    return {(each.name, *each.labels.items()): each.value for each in figures.measures}


def test_counters_add_up_and_gauges_are_replaced(kit):
    worker = kit.worker()
    worker.report((), [Measure("mail", ROWS, 2.5), Measure("mail", DEPTH, 9.0), Measure("other", ROWS, 1.0)])
    worker.report((), [Measure("mail", ROWS, 1e-7), Measure("mail", DEPTH, 1e300)])
    assert kept(kit) == {("rows_total",): 2.5000001, ("depth", ("disk", "a")): 1e300}
    assert kept(kit, "other") == {("rows_total",): 1.0}


def test_a_type_has_fifty_series_and_the_rest_is_counted(kit):
    worker = kit.worker()
    many = [Measure("mail", series_of("rows_total", {"n": str(number)}), 1.0) for number in range(60)]
    worker.report((), many, 5)
    worker.report((), many)
    assert len(kept(kit)) == 50
    assert set(kept(kit).values()) == {2.0}
    assert kit.reader.totals()["measures_dropped"] == 5 + 10 + 10


def test_a_value_that_cannot_be_added_is_dropped_alone(kit):
    worker = kit.worker()
    kit.client.call("HSET", kit.keys.measures("mail"), ROWS, "nonsense", series_of("big_total", {}), "1.7e308")
    worker.report((), [Measure("mail", ROWS, 1.0), Measure("mail", DEPTH, 2.0)])
    assert kept(kit)["depth", ("disk", "a")] == 2.0
    assert kit.reader.totals()["measures_dropped"] == 1


def test_what_is_not_reported_for_a_week_is_forgotten(kit):
    kit.worker().report((), [Measure("mail", ROWS, 1.0)])
    assert 604_700_000 < kit.client.call("PTTL", kit.keys.measures("mail")) <= 604_800_000
