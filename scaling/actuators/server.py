"""The API server of Kubernetes: found once, asked never for long, and left alone for a while when it is in trouble."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec

from .errands import LATE, Errands

BUDGET: Final = 2.5  # seconds for all questions of a window: others wait behind them
WINDOW: Final = 5.0  # seconds
LOADING: Final = 1.0  # seconds to wait for the client and for credentials, which comes on top
PATIENCE: Final = 1.0  # seconds to connect, and for a whole answer
LEAST: Final = 0.2  # seconds in which an answer may be hoped for
REST: Final = 10.0  # seconds without questions after one that was not answered, or too late
AT_ONCE: Final = 8  # questions
MOST_LOST: Final = 24  # questions without an end, with which no more are asked
CREDENTIALS_EVERY: Final = 60.0  # seconds between two looks for others, where the server does not know ours
MISSING: Final = "The client of Kubernetes is not installed here: pip install '.[kubernetes]' brings it."
ANSWERED: Final = 200
_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_REFUSED: Final = {401: "does not know the scaler's token", 403: "does not allow it"}


class ClusterError(Exception):
    """The API server does not answer, or refuses; the text is a sentence for people. `status` 0: no answer."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class Question(msgspec.Struct, frozen=True):
    """One call of the client: the `verb` of an `api`, in a namespace ("": our own), whose answer is of some kind."""

    kind: type[Any]
    api: str
    verb: str
    namespace: str = ""
    names: tuple[Any, ...] = ()
    options: Mapping[str, Any] = {}

    def __str__(self) -> str:
        what = self.verb.replace("_namespaced", "").replace("_", " ")
        return f"{what} {self.names[0]}" if self.names else what


class Server:
    """One for all namespaces: what is slow or silent for one of them is so for all. Raises ClusterError alone.

    Also what has no time limit of its own is left to itself when it takes too long: finding a name's address, plugins
    that get credentials, an answer that comes byte by byte.
    """

    def __init__(self) -> None:
        self._errands = Errands()
        self._apis: dict[str, Any] = {}
        self._own_namespace = "default"
        self._has_credentials = False
        self._loaded_at = self._sought_at = self._since = self._rests_until = -math.inf
        self._spent = 0.0
        self._silence = ""

    @property
    def rests(self) -> bool:
        """Whether nothing is asked for a while."""
        return monotonic() < self._rests_until

    def ask(self, question: Question) -> Any:
        """The answer to a question. Where there is none, a rest follows for all."""
        (found,) = self._asked([question], min(PATIENCE, self._ready(question)))
        if isinstance(found, ClusterError):
            raise found if found.status else self._fails(str(found))
        return found

    def ask_beside(self, questions: Sequence[Question], seconds: float) -> list[Any]:
        """The answer to each of some questions that do not matter so much, or a ClusterError.

        Together they take so many seconds at most, and no more than half of what may still be spent.
        """
        return self._asked(questions, min(seconds, self._ready(questions[0]) / 2))

    def _ready(self, question: Question) -> float:
        """Seconds that may be spent now, by a client that knows the server."""
        if not self._apis:
            self._load()
        return self._left(question)

    def _asked(self, questions: Sequence[Question], patience: float) -> list[Any]:
        found = self._run([partial(self._answer, each, patience) for each in questions], patience)
        return [self._told(each, question) for each, question in zip(found, questions, strict=True)]

    def _run(self, calls: Sequence[Callable[[], Any]], seconds: float) -> list[Any]:
        began = monotonic()
        try:
            return self._errands.run(calls, seconds, AT_ONCE)
        finally:
            self._spent += monotonic() - began

    def _left(self, question: Question) -> float:
        """Seconds that may be spent now. Raises ClusterError where that are none."""
        now = monotonic()
        if now < self._rests_until:
            raise ClusterError(self._silence)
        if now - self._since >= WINDOW:
            self._since, self._spent = now, 0.0
        left = BUDGET - self._spent
        if left < LEAST:
            raise self._fails(f"Kubernetes is too slow ({question} comes later).")
        if (lost := self._errands.lost) >= MOST_LOST:
            raise self._fails(f"Kubernetes is asked no more: {lost} questions have no end.")
        return left

    def _fails(self, sentence: str) -> ClusterError:
        self._silence, self._rests_until = sentence, monotonic() + REST
        return ClusterError(sentence)

    def _answer(self, question: Question, patience: float) -> Any:
        call = getattr(self._apis[question.api], question.verb)
        options = {**question.options, "_preload_content": False, "_request_timeout": patience}
        space, names = question.namespace or self._own_namespace, question.names
        if question.api == "custom":
            options["namespace"] = space
        else:
            names = (*names[:1], space, *names[1:])
        return msgspec.json.decode(call(*names, **options).data, type=question.kind)

    def _told(self, found: Any, question: Question) -> Any:
        """The answer, or what went wrong in a sentence."""
        if isinstance(found, msgspec.MsgspecError):
            return ClusterError(f"Kubernetes answered nonsense ({question}).", ANSWERED)
        if found is not LATE and not isinstance(found, Exception):
            return found
        status = getattr(found, "status", None) or 0
        is_unknown = status == 401 or (status == 403 and not self._has_credentials)  # plugins fail without an error
        if is_unknown and monotonic() - self._loaded_at > CREDENTIALS_EVERY:
            self._apis = {}
        why = _REFUSED.get(status) or (f"answers {status}" if status else "does not answer")
        return ClusterError(f"Kubernetes {why} ({question}).", status)

    def _load(self) -> None:
        """Find the server and the credentials for it. What takes longer goes on, is not begun twice, and is there
        later."""
        found: Any = LATE
        if not self._errands.lost:
            self._sought_at = monotonic()
            (found,) = self._errands.run([self._find], LOADING)
        if found is LATE:
            seconds = monotonic() - self._sought_at
            raise ClusterError(f"The credentials for Kubernetes are not there yet, after {seconds:.0f} s.")
        if isinstance(found, ImportError):
            raise ClusterError(MISSING) from found
        if isinstance(found, Exception):
            raise ClusterError(f"Nothing says where Kubernetes is: {str(found).rstrip('.')}.") from found

    def _find(self) -> None:
        from kubernetes import client, config

        found: Any = config
        made = client.Configuration()
        if "KUBERNETES_SERVICE_HOST" in os.environ:
            found.load_incluster_config(client_configuration=made)
            namespace = _NAMESPACE.read_text().strip() if _NAMESPACE.exists() else ""
        else:
            found.load_kube_config(client_configuration=made)
            _, context = found.list_kube_config_contexts()
            namespace = context["context"].get("namespace") or ""
        made.retries = False
        api = client.ApiClient(made)
        self._own_namespace, self._loaded_at = namespace or "default", monotonic()
        self._has_credentials = bool(made.api_key or made.cert_file)
        self._apis = {
            "apps": client.AppsV1Api(api),
            "core": client.CoreV1Api(api),
            "autoscaling": client.AutoscalingV2Api(api),
            "custom": client.CustomObjectsApi(api),
        }
