"""Who is scraped says in which format, as Prometheus 3 demands."""

from __future__ import annotations

import pytest
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.deploy.health_port import asked

from .accepted import ACCEPT, is_accepted


@pytest.mark.parametrize("path", ["/api/metrics", "/metrics/process"])
@pytest.mark.parametrize("accept", [ACCEPT, "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", "*/*"])
def test_a_web_process_tells_the_type_of_what_it_answers(api, key, path, accept):
    answer = Client().get(path, headers={"Authorization": f"Bearer {key('read')}", "Accept": accept})
    assert is_accepted(answer["Content-Type"])
    is_open = "openmetrics" in answer["Content-Type"]
    assert is_open == ("openmetrics" in accept) == answer.content.endswith(b"# EOF\n")
    if is_open:
        assert list(text_string_to_metric_families(answer.content.decode()))


def test_a_health_port_tells_it_too():
    told = "queueflow_pool_workers 1\n"
    head, _, body = asked("/metrics/process", f"Accept: {ACCEPT}\r\n", told.encode()).partition("\r\n\r\n")
    assert is_accepted(dict(line.split(": ", 1) for line in head.splitlines()[1:])["Content-Type"])
    assert body == told
