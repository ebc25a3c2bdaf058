"""Overlays as they are applied: in a folder of their own, with secrets made for the purpose."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Final

from .kustomize import variables

ROOT: Final = Path(__file__).resolve().parents[2]
KUBERNETES: Final = ROOT / "deploy" / "k8s"
OVERLAYS: Final = tuple(sorted(path.parent.name for path in KUBERNETES.glob("overlays/*/kustomization.yaml")))
SCALINGS: Final = tuple(sorted(path.name for path in KUBERNETES.glob("components/scaling-*")))
SECRETS: Final = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "REDIS_URL": "redis://:pw@store.example.net:6379/0",
    "DATABASE_URL": "postgres://queueflow:pw@database.example.net:5432/queueflow",
    "REDIS_PASSWORD": "pw",
    "POSTGRES_PASSWORD": "pw",
}


def copied(folder: Path, values: dict[str, str] = SECRETS) -> Path:
    """A copy of deploy/k8s in which every overlay has its secrets, as its example asks for them."""
    place = shutil.copytree(KUBERNETES, folder / "k8s")
    for overlay in OVERLAYS:
        room = place / "overlays" / overlay
        asked = variables((room / "secrets.env.example").read_text(encoding="utf-8"))
        lines = [f"{name}={values[name]}\n" for name in asked]
        (room / "secrets.env").write_text("".join(lines), encoding="utf-8")
    return place


def with_scaling(place: Path, overlay: str, *chosen: str) -> Path:
    """The overlay of a copy with other components scaling-* than it has, and with all that is commented out there."""
    file = place / "overlays" / overlay / "kustomization.yaml"
    lines = file.read_text(encoding="utf-8").replace("  # - ", "  - ").splitlines()
    at = next(number for number, line in enumerate(lines) if line.lstrip().startswith("- ../../components/scaling-"))
    lines[at : at + 1] = [f"  - ../../components/{name}" for name in chosen]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file.parent
