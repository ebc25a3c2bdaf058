"""One service for a test process, and clients of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from queueflow_client import ApiError, Client
from tests.client.cutting_proxy import CuttingProxy
from tests.client.service import Service
from tests.support.polling import wait_until


@pytest.fixture(scope="session")
def running_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give the service, as the tests before have left it."""
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def service(running_service: Service) -> Service:
    """Give the service. Its store runs, whatever the test before has done to it."""
    return running_service


@pytest.fixture
def down_for(service: Service) -> Iterator[Callable[[], None]]:
    """Return a function that stops the store and has it started again as soon as the service has refused something."""
    starters: list[threading.Thread] = []

    def refuses() -> bool:
        with pytest.raises(ApiError) as caught:
            Client(service.url, service.key, timeout=0.0).job("x")
        return caught.value.status == 503

    def start_again() -> None:
        wait_until(refuses)
        service.server.start()

    def down() -> None:
        service.server.stop()
        starters.append(threading.Thread(target=start_again))
        starters[-1].start()

    yield down
    for starter in starters:
        starter.join()


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    """Give a client that talks to the service."""
    made = Client(service.url, service.key)
    yield made
    made.close()


@pytest.fixture
def proxy(service: Service) -> Iterator[CuttingProxy]:
    """Give a way to the service that can lose replies."""
    with CuttingProxy(service.url) as running:
        yield running


@pytest.fixture
def distant(service: Service, proxy: CuttingProxy) -> Iterator[Client]:
    """Give a client that talks to the service through the proxy."""
    made = Client(proxy.url, service.key)
    yield made
    made.close()
