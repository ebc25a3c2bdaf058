"""The API on a real server, and clients of every kind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoDbBlocker

from jobs.access.keys import key_ring
from jobs.access.throttle import _wrong_keys
from jobs.api.gateway import _gateway_of
from jobs.api.limiter import get_limiter
from jobs.conf import Config
from jobs.models import ApiKey, AuditEntry
from jobs.store.stacks import StackQuestion
from tests.api.short_way import ShortWayClient
from tests.contract.conformance import contract
from tests.support.jobs import StoreKit, store_kit

JSON = "application/json"
CSRF_TOKEN = "c" * 32
Response = Any  # Django's response with what its test client adds


class Api:
    """A client that sends JSON, with an API key unless it has none."""

    client_class: type[Client] = Client  # the way in, see `way_in`

    def __init__(self, key: str = "", **headers: str) -> None:
        self.client = self.client_class(raise_request_exception=False)
        self.headers = ({"Authorization": f"Bearer {key}"} if key else {}) | headers

    def get(self, path: str, **headers: str) -> Response:
        return checked("GET", path, self.client.get(f"/api{path}", headers=self.headers | headers))

    def post(self, path: str, body: Any = None, *, content_type: str = JSON, **headers: str) -> Response:
        """`body`: bytes as they are, None for no body, anything else as JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers | headers
        return checked("POST", path, self.client.post(f"/api{path}", data, content_type=content_type, headers=headers))

    def put(self, path: str, body: Any = None, *, content_type: str = JSON, **headers: str) -> Response:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.put(f"/api{path}", data, content_type=content_type, headers=self.headers | headers)
        return checked("PUT", path, answer)

    def head(self, path: str, **headers: str) -> Response:
        """What GET answers, without the body; the document says nothing of it."""
        return self.client.head(f"/api{path}", headers=self.headers | headers)

    def delete(self, path: str, **headers: str) -> Response:
        return checked("DELETE", path, self.client.delete(f"/api{path}", headers=self.headers | headers))


def checked(method: str, path: str, answer: Response) -> Response:
    """The answer, which has to be as the OpenAPI document says."""
    contract().check(method, f"/api{path}", answer)
    return answer


def logged_in(user: Any) -> Api:
    """A client of a person, as a browser would send it: with the CSRF cookie and its header."""
    client = Api(**{"X-CSRFToken": CSRF_TOKEN})
    client.client.force_login(user)
    client.client.cookies["csrftoken"] = CSRF_TOKEN
    return client


@pytest.fixture(autouse=True, params=[Client, ShortWayClient], ids=["django", "short"])
def way_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every test of the API through Django alone and through the short way in front of it."""
    monkeypatch.setattr(Api, "client_class", request.param)


# For what is the same whichever way is taken: the `pytestmark` of its file.
ONE_WAY = pytest.mark.parametrize("way_in", [Client], indirect=True, ids=["django"])


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Open the database without a transaction around the test: the audit trail is written by a thread of its own."""
    with django_db_blocker.unblock():
        yield
        for model in (AuditEntry, ApiKey, LogEntry, Session):
            model._base_manager.all()._raw_delete("default")
        get_user_model().objects.all().delete()


@pytest.fixture
def api_config(store_url: str, config: Config) -> Config:
    """Return a configuration on an empty server that takes jobs of any type."""
    return replace(config, redis_url=store_url, accept_unknown_types=True)


@pytest.fixture
def use(configure: Callable[[Config], None]) -> Iterator[Callable[[Config], None]]:
    """Return a function that makes the API work with a configuration until the test ends."""
    used: list[Config] = []

    def start(config: Config) -> None:
        configure(config)
        used.append(config)

    yield start
    for config in used:
        _gateway_of(config).close()
    _gateway_of.cache_clear()
    key_ring().forget()
    get_limiter.cache_clear()
    _wrong_keys.cache_clear()


@pytest.fixture
def without_store(config: Config, gone_url: str, use: Callable[[Config], None]) -> Config:
    """Return the configuration of an installation whose store is away and whose outbox is on."""
    told = replace(config, redis_url=gone_url, outbox=True)
    use(told)
    return told


@pytest.fixture
def key(transactional_db: None) -> Callable[..., str]:
    """Return a function that makes a key with the given scopes, all of them by default."""

    def make(*scopes: str, name: str = "tester") -> str:
        return ApiKey.objects.issue(name, scopes or ("admin",))[1]

    return make


@pytest.fixture
def api(api_config: Config, use: Callable[[Config], None], key: Callable[..., str]) -> Api:
    """Give a client that may do everything."""
    use(api_config)
    return Api(key())


@pytest.fixture
def kit(api: Api, api_config: Config) -> Iterator[StoreKit]:
    """Give workers and time on the API's server."""
    with store_kit(str(api_config.redis_url), api_config) as made:
        yield made


@pytest.fixture
def pool(kit: StoreKit) -> StoreKit:
    """Give a kit with a pool `default` that has no policy yet."""
    kit.store.registry.set_desired("default", 3)
    return kit


def answering(kit: StoreKit, worker: str, answer: bytes) -> threading.Thread:
    """A thread that gives an answer when a worker is asked where its job is."""

    def run() -> None:
        _, order = kit.client.channel().block(5, "BLPOP", kit.keys.control(worker), 5)
        question = StackQuestion.read(order.decode().partition(" ")[2])
        assert question is not None
        kit.client.call("RPUSH", kit.keys.mailbox(question.ticket), answer)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """The document of a refusal, checked for its form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    assert document["status"] == status
    assert document["code"] == code, document
    assert document["title"]
    assert document["detail"]
    return document
