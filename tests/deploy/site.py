"""An installation as the production overlay says, with KEDA: its pods, on a store and a database of its own."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from tests.support.server import TestServer

from .image import Image
from .installations import copied, with_scaling
from .kustomize import Object, render
from .manifests import Process, processes
from .pods import End, Pod
from .postgres import Postgres

HANDLERS: Final = Path(__file__).with_name("handlers_for_deploy.py")
MARGIN: Final = 10  # seconds that an orchestrator gives beside the grace
HOST: Final = "queueflow.queueflow.svc"


class Site:
    """`pods` are those that run, by the name of their Deployment; `ends` are those that went."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir()
        self._stack = ExitStack()
        self._folder = folder
        self.pods: dict[str, list[Pod]] = {}
        self.ends: list[End] = []
        self._count = 0

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _open(self) -> None:
        self._folder.chmod(0o755)
        program = Path(str(shutil.which("redis-server")))
        store = self._stack.enter_context(TestServer(durable=True, password=secrets.token_hex(16), program=program))
        database = self._stack.enter_context(Postgres(self._folder))
        values = {"SECRET_KEY": secrets.token_urlsafe(50), "REDIS_URL": store.url, "DATABASE_URL": database.url}
        place = copied(self._folder, values | {"REDIS_PASSWORD": "", "POSTGRES_PASSWORD": ""})
        self.objects: list[Object] = render(with_scaling(place, "production", "scaling-keda"))
        self.image = Image(self._folder, HANDLERS)

    def __exit__(self, *error: object) -> None:
        for pod in (pod for pods in self.pods.values() for pod in pods):
            pod.kill()
        self._stack.close()

    def container(self, name: str) -> Process:
        """One of the manifests, by workload/container, with the handlers of our own image."""
        found = next(process for process in processes(self.objects) if process.name == name)
        return replace(found, environment={**found.environment, "QUEUEFLOW_HANDLERS": HANDLERS.stem})

    def manage(self, *words: str) -> tuple[int, str]:
        """A command in a container of the web process, as by `kubectl exec`."""
        self._count += 1
        env = self.container("queueflow-web/web").environment
        return self.image.run("exec", words, env, self.logs / f"exec-{self._count}.log")

    def migrate(self) -> tuple[int, str]:
        """The Job of migrations."""
        job = self.container("queueflow-migrate/migrate")
        return self.image.run("migrate", job.arguments, job.environment, self.logs / "migrate.log")

    def add(self, kind: str, grace: int | None = None) -> Pod:
        """One more pod of queueflow-web, -worker, -scaler or -scheduler; returns when it is ready.

        `grace` is another SHUTDOWN_GRACE_SECONDS than that of the overlay, with the ten seconds that go with it.
        """
        self._count += 1
        workload = f"queueflow-{kind}"
        first = self.container(f"{workload}/await-migrations")
        name = f"{workload}-{self._count}"
        process = self.container(f"{workload}/{kind}")
        if grace is not None:
            told = {**process.environment, "SHUTDOWN_GRACE_SECONDS": str(grace)}
            process = replace(process, environment=told, grace=grace + MARGIN)
        pod = Pod(self.image, name, process, [first], self.logs)
        try:
            pod.start()
        except BaseException:
            pod.kill()
            raise
        self.pods.setdefault(kind, []).append(pod)
        return pod

    def remove(self, pod: Pod) -> End:
        """End a pod; requests are sent to it no more from the moment of the order on."""
        self._forget(pod)
        end = pod.end()
        self.ends.append(end)
        return end

    def lose(self, pod: Pod) -> None:
        """As when its host is gone."""
        self._forget(pod)
        pod.kill()

    def _forget(self, pod: Pod) -> None:
        for pods in self.pods.values():
            if pod in pods:
                pods.remove(pod)

    def roll(self, kind: str) -> int:
        """Replace all pods of a Deployment: one new one is ready before an old one goes. Returns how many."""
        old = list(self.pods[kind])
        for pod in old:
            self.add(kind)
            self.remove(pod)
        return len(old)

    def ports(self) -> list[int]:
        """Of the web pods that requests are sent to."""
        return [pod.port for pod in self.pods["web"]]
