"""Objects of Kubernetes, as far as they matter to a scaler."""

from __future__ import annotations

from typing import Any, Final

import msgspec

COST: Final = "controller.kubernetes.io/pod-deletion-cost"
_ENDED: Final = ("Succeeded", "Failed")
_WITHOUT: Final = {"Exists": "{key}", "DoesNotExist": "!{key}"}
_WITH: Final = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})"}


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
    deletion_timestamp: str | None = None


class _Expression(msgspec.Struct, frozen=True):
    key: str
    operator: str
    values: list[str] | None = None

    def __str__(self) -> str:
        pattern = _WITHOUT.get(self.operator) or _WITH[self.operator]
        return pattern.format(key=self.key, values=",".join(self.values or ()))


class _Selector(msgspec.Struct, frozen=True, rename="camel"):
    match_labels: dict[str, str] | None = None
    match_expressions: list[_Expression] | None = None


class Target(msgspec.Struct, frozen=True):
    """What an autoscaler scales."""

    kind: str = "Deployment"
    name: str = ""


class _Spec(msgspec.Struct, frozen=True, rename="camel"):
    replicas: int = 1
    selector: _Selector = _Selector()
    scale_target_ref: Target = Target()


class _Status(msgspec.Struct, frozen=True):
    phase: str = ""


class Object(msgspec.Struct, frozen=True):
    """A Deployment, a Pod, a HorizontalPodAutoscaler or a ScaledObject."""

    metadata: _Meta = _Meta()
    spec: _Spec = _Spec()
    status: _Status = _Status()

    @property
    def labels(self) -> str:
        """The selector of a Deployment's pods. Raises KeyError for an operator that Kubernetes does not have today."""
        selector = self.spec.selector
        equal = (f"{name}={value}" for name, value in sorted((selector.match_labels or {}).items()))
        return ",".join([*equal, *map(str, selector.match_expressions or ())])

    @property
    def cost(self) -> int | None:
        """What it costs to delete a pod, as annotated; None without a readable number."""
        text = (self.metadata.annotations or {}).get(COST, "")
        return int(text) if text.removeprefix("-").isdecimal() else None

    @property
    def is_leaving(self) -> bool:
        """Whether a pod has ended or is about to, so that it counts among no replicas."""
        return self.metadata.deletion_timestamp is not None or self.status.phase in _ENDED


class Objects(msgspec.Struct, frozen=True):
    """A list of them."""

    items: list[Object] | None = None
