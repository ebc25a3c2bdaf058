"""What is asked of a Kubernetes API server: one namespace, few verbs, and never for long."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec

FIELD_MANAGER: Final = "queueflow-scaler"
BUDGET: Final = 2.5  # seconds for all calls of one evaluation: others wait behind them
PATIENCE: Final = 1.0  # seconds to connect, and for an answer
REST: Final = 10.0  # seconds without calls after one that was not answered
COST: Final = "controller.kubernetes.io/pod-deletion-cost"
MERGE: Final = "application/merge-patch+json"
MOST_PODS: Final = 500
MISSING: Final = "The client of Kubernetes is not installed here: pip install queueflow[kubernetes]."
_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_REFUSED: Final = {401: "does not know the scaler's token", 403: "does not allow it"}


class ClusterError(Exception):
    """The API server does not answer, or refuses; the text is a sentence for people. `status` 0: no answer."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class Manager(msgspec.Struct, frozen=True, rename="camel"):
    """Who set fields of an object last, by Kubernetes' own record."""

    manager: str = ""
    time: str = ""
    subresource: str = ""
    fields_v1: dict[str, Any] = msgspec.field(name="fieldsV1", default_factory=dict)

    @property
    def has_replicas(self) -> bool:
        """Whether the number of replicas is among them."""
        return "f:replicas" in (self.fields_v1.get("f:spec") or {})


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    annotations: dict[str, str] | None = None
    managed_fields: list[Manager] | None = None


class _Selector(msgspec.Struct, frozen=True, rename="camel"):
    match_labels: dict[str, str] | None = None


class _Target(msgspec.Struct, frozen=True):
    kind: str = "Deployment"
    name: str = ""


class _Spec(msgspec.Struct, frozen=True, rename="camel"):
    replicas: int = 1
    selector: _Selector = _Selector()
    scale_target_ref: _Target = _Target()


class Object(msgspec.Struct, frozen=True):
    """A Deployment, a Pod, a HorizontalPodAutoscaler or a ScaledObject, as far as it matters here."""

    metadata: _Meta = _Meta()
    spec: _Spec = _Spec()

    @property
    def labels(self) -> str:
        """The selector of a Deployment's pods."""
        return ",".join(f"{name}={value}" for name, value in sorted((self.spec.selector.match_labels or {}).items()))

    @property
    def cost(self) -> int | None:
        """What it costs to delete a pod, as annotated; None without a readable number."""
        text = (self.metadata.annotations or {}).get(COST, "")
        return int(text) if text.removeprefix("-").isdecimal() else None


class _List(msgspec.Struct, frozen=True):
    items: list[Object] | None = None


class Cluster:
    """One namespace ("": the scaler's own). Every call raises ClusterError; the client is imported at the first.

    All calls after a `begin` take two and a half seconds together at most.
    """

    def __init__(self, namespace: str = "") -> None:
        self._namespace = namespace
        self._deadline = self._rests_until = -math.inf
        self._silence = ""

    def begin(self) -> None:
        """From here on time counts anew."""
        self._deadline = monotonic() + BUDGET

    def deployment(self, name: str) -> Object:
        """A Deployment."""
        found: Object = self._ask(Object, "apps", "read_namespaced_deployment", name)
        return found

    def scale(self, name: str, replicas: int) -> None:
        """Set its number of replicas, through its scale subresource."""
        body = {"spec": {"replicas": replicas}}
        options = {"field_manager": FIELD_MANAGER, "_content_type": MERGE}
        self._ask(Object, "apps", "patch_namespaced_deployment_scale", name, body, **options)

    def pods(self, labels: str) -> list[Object]:
        """The pods with some labels, 500 at most."""
        found = self._ask(_List, "core", "list_namespaced_pod", label_selector=labels, limit=MOST_PODS)
        return found.items or []

    def set_cost(self, pod: str, cost: int) -> None:
        """Say what it costs to delete a pod: the cheapest go first."""
        body = {"metadata": {"annotations": {COST: str(cost)}}}
        options = {"field_manager": FIELD_MANAGER, "_content_type": MERGE}
        self._ask(Object, "core", "patch_namespaced_pod", pod, body, **options)

    def autoscaler_of(self, name: str) -> str:
        """The kind and name of what scales a Deployment besides us; "" where nothing does, as far as may be seen."""
        custom = {"group": "keda.sh", "version": "v1alpha1", "plural": "scaledobjects"}
        for kind, api, verb, options in (
            ("ScaledObject", "custom", "list_namespaced_custom_object", custom),
            ("HorizontalPodAutoscaler", "autoscaling", "list_namespaced_horizontal_pod_autoscaler", {}),
        ):
            try:
                found = self._ask(_List, api, verb, **options)
            except ClusterError as error:
                if error.status not in (403, 404):  # no right to look, or no KEDA there
                    raise
                continue
            for each in found.items or []:
                if each.spec.scale_target_ref == _Target("Deployment", name):
                    return f"{kind} {each.metadata.name}"
        return ""

    def _ask(self, kind: type[Any], api: str, verb: str, *names: Any, **options: Any) -> Any:
        call: Callable[..., Any] = getattr(self._apis[api], verb)
        what = f"{verb.replace('_namespaced', '').replace('_', ' ')}{f' {names[0]}' if names else ''}"
        options |= {"_preload_content": False, "_request_timeout": self._patience(what)}
        if api == "custom":
            options["namespace"] = self._space
        else:
            names = (names[0], self._space, *names[1:]) if names else (self._space,)
        try:
            return msgspec.json.decode(call(*names, **options).data, type=kind)
        except msgspec.MsgspecError as error:
            raise ClusterError(f"Kubernetes answered nonsense ({what}).") from error
        except Exception as error:
            status = getattr(error, "status", None) or 0
            why = _REFUSED.get(status) or (f"answers {status}" if status else "does not answer")
            sentence = f"Kubernetes {why} ({what})."
            if not status:
                self._silence, self._rests_until = sentence, monotonic() + REST
            raise ClusterError(sentence, status) from error

    def _patience(self, what: str) -> float:
        """Seconds that the next call may take. Raises ClusterError."""
        if monotonic() < self._rests_until:
            raise ClusterError(self._silence)
        left = self._deadline - monotonic()
        if left <= 0:
            raise ClusterError(f"Kubernetes is too slow ({what} comes later).")
        return min(PATIENCE, left)

    @cached_property
    def _apis(self) -> dict[str, Any]:
        """The parts of the client by name."""
        try:
            from kubernetes import client, config
        except ImportError as error:
            raise ClusterError(MISSING) from error
        made = client.Configuration()
        load = config.load_incluster_config if "KUBERNETES_SERVICE_HOST" in os.environ else config.load_kube_config
        try:
            load(client_configuration=made)
        except Exception as error:
            raise ClusterError(f"Nothing says where Kubernetes is: {error}.") from error
        made.retries = False
        api = client.ApiClient(made)
        return {
            "apps": client.AppsV1Api(api),
            "core": client.CoreV1Api(api),
            "autoscaling": client.AutoscalingV2Api(api),
            "custom": client.CustomObjectsApi(api),
        }

    @cached_property
    def _space(self) -> str:
        if self._namespace:
            return self._namespace
        try:
            return _NAMESPACE.read_text().strip() or "default"
        except OSError:
            return "default"
