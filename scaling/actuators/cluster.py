"""What is asked of a Kubernetes API server for one namespace: few verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .objects import COST, Object, Objects, Target
from .server import ClusterError, Question, Server

FIELD_MANAGER: Final = "queueflow-scaler"
PRICING: Final = 0.8  # seconds to list the pods, and once more to say of all what their deletion costs
MOST_PODS: Final = 500
_PATCH: Final = {"field_manager": FIELD_MANAGER, "_content_type": "application/merge-patch+json"}
_SCALED_OBJECTS: Final = {"group": "keda.sh", "version": "v1alpha1", "plural": "scaledobjects"}
_AUTOSCALERS: Final[tuple[tuple[str, str, str, dict[str, str]], ...]] = (
    ("ScaledObject", "custom", "list_namespaced_custom_object", _SCALED_OBJECTS),
    ("HorizontalPodAutoscaler", "autoscaling", "list_namespaced_horizontal_pod_autoscaler", {}),
)


class Cluster:
    """One namespace ("": that of the scaler's own pod, or of the kubeconfig's context). Every call raises
    ClusterError."""

    def __init__(self, namespace: str = "", server: Server | None = None) -> None:
        self._namespace = namespace
        self._server = server or Server()

    @property
    def rests(self) -> bool:
        """Whether nothing is asked for a while."""
        return self._server.rests

    def deployment(self, name: str) -> Object:
        """A Deployment."""
        found: Object = self._server.ask(self._question(Object, "apps", "read_namespaced_deployment", name))
        return found

    def scale(self, name: str, replicas: int) -> None:
        """Set its number of replicas, through its scale subresource."""
        body = {"spec": {"replicas": replicas}}
        self._server.ask(self._question(Object, "apps", "patch_namespaced_deployment_scale", name, body, **_PATCH))

    def pods(self, labels: str) -> list[Object]:
        """The pods with some labels, 500 at most; takes a second at most."""
        options = {"label_selector": labels, "limit": MOST_PODS}
        question = self._question(Objects, "core", "list_namespaced_pod", **options)
        (found,) = self._server.ask_beside([question], PRICING)
        if isinstance(found, ClusterError):
            raise found
        pods: list[Object] = found.items or []
        return pods

    def price(self, costs: Mapping[str, int]) -> None:
        """Say what it costs to delete some pods: the cheapest go first. A pod that is gone meanwhile costs nothing.

        Takes a second at most.
        """
        if not costs:
            return
        found = self._server.ask_beside([self._priced(*each) for each in costs.items()], PRICING)
        failed = [each for each in found if isinstance(each, ClusterError) and each.status != 404]
        if refused := [each for each in failed if each.status]:
            raise refused[0]
        if failed:
            raise ClusterError(f"Kubernetes is too slow to mark {len(failed)} of {len(costs)} pods.")

    def autoscaler_of(self, name: str) -> str:
        """The kind and name of what scales a Deployment besides us; "" where nothing does, as far as may be seen."""
        for kind, api, verb, options in _AUTOSCALERS:
            try:
                found: Objects = self._server.ask(self._question(Objects, api, verb, **options))
            except ClusterError as error:
                if error.status not in (403, 404):  # no right to look, or no KEDA there
                    raise
                continue
            for each in found.items or []:
                if each.spec.scale_target_ref == Target("Deployment", name):
                    return f"{kind} {each.metadata.name}"
        return ""

    def _priced(self, pod: str, cost: int) -> Question:
        body = {"metadata": {"annotations": {COST: str(cost)}}}
        return self._question(Object, "core", "patch_namespaced_pod", pod, body, **_PATCH)

    def _question(self, kind: type[Any], api: str, verb: str, *names: Any, **options: Any) -> Question:
        return Question(kind, api, verb, self._namespace, names, options)
