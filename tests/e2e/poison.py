"""Jobs of every state whose every text is poison: what interfaces take, by them; what they refuse, into the store."""

from __future__ import annotations

import itertools
from typing import Any, Final
from urllib.parse import quote

from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.operation import Action
from jobs.store.registry import WorkerInfo
from jobs.types import Claim, Envelope, Failure, JobRequest
from queueflow_client import Client
from scaling.orders import Paused, write
from tests.e2e.pages import Places
from tests.e2e.words import EVIL, EVIL_TAG
from tests.support.jobs import StoreKit, completed, discarded, failed
from tests.support.polling import wait_until

FINGERPRINT: Final = "e" * 16
QUEUE: Final = f"q{EVIL}"
PAYLOAD: Final = {"order": 4711, EVIL: [EVIL, {EVIL: 12345678901234567890123}]}
AN_HOUR: Final = 3600
_numbers = itertools.count(1)


class Poison:
    """Writes poison and knows where it is: `ids` has a job of each state that interfaces and real workers made."""

    def __init__(self, kit: StoreKit, client: Client) -> None:
        self._kit = kit
        self._client = client
        self._worker = f"worker {EVIL}"
        self.ids: dict[str, str] = {}
        self.plant()
        self._plant_unreadable()
        self._announce()
        kit.store.scaling.order("default", {"paused": write(Paused(kit.reader.now_ms(), EVIL, EVIL))})
        self._operation = self._operate()

    def plant(self) -> str:
        """Make another set of jobs; return the id of the latest, which waits."""
        self.ids = {
            "completed": self._enqueue("poison-complete"),
            "dead": self._enqueue("poison-fail", max_retries=0),
            "active": self._enqueue("poison-run", timeout=AN_HOUR),
        }
        for state, job_id in self.ids.items():
            self._await(job_id, State.from_label(state))
        later = self._enqueue("poison-complete", delay=AN_HOUR)
        self._client.cancel(later, reason=EVIL)  # puts poison into the audit trail
        self._plant_raw()
        self.ids["pending"] = self._request()
        return self.ids["pending"]

    def places(self) -> Places:
        """Where pages are about poison."""
        record = self._kit.record(self.ids["dead"])
        return Places(
            **self.ids,
            fingerprint=record.fingerprint,
            queue=record.queue,
            type=record.type,
            worker=quote(self._worker, safe=""),
            operation=self._operation,
        )

    def _enqueue(self, job_type: str, **options: Any) -> str:
        job = self._client.enqueue(job_type, PAYLOAD, tags=[EVIL_TAG], **options)
        return str(job["jobId"])

    def _await(self, job_id: str, state: State) -> None:
        wait_until(lambda: self._kit.state(job_id) is state, 30.0)

    def _request(self, **options: Any) -> str:
        """A job whose type, queue and tag no interface would take."""
        payload = b'{"order":4712,"' + EVIL.replace('"', '\\"').encode() + b'":1}'
        envelope = Envelope(payload, AN_HOUR * 1000, tags=(EVIL_TAG, EVIL))
        made = JobRequest(id=f"evil-{next(_numbers)}", type=EVIL, queue=QUEUE, envelope=envelope, **options)
        self._kit.producer.enqueue([made])
        return made.id

    def _claimed(self) -> Claim:
        """A job in the hands of a worker with a poisonous name."""
        wanted = self._request()
        worker = self._kit.worker(self._worker)
        claims = [claim for claim in worker.claim([(QUEUE, 1)], 250) if claim.id == wanted]
        self._consumer = worker
        return claims[0]

    def _plant_raw(self) -> None:
        failure = Failure(EVIL, EVIL, f"Traceback (most recent call last):\n  {EVIL}", FINGERPRINT)
        claim = self._claimed()
        self._consumer.fail([failed(claim, failure, final=True)])
        claim = self._claimed()
        self._consumer.report([(claim, EVIL, [EVIL])])
        self._consumer.complete([completed(claim, b'{"x":"<b data-evil>"}')])
        claim = self._claimed()
        self._consumer.discard([discarded(claim, EVIL)])
        claim = self._claimed()
        self._consumer.fail([failed(claim, failure, delay_ms=AN_HOUR * 1000)])
        self._request(delay_ms=AN_HOUR * 1000)
        self._kit.operator.cancel([self._request()], EVIL)

    def _plant_unreadable(self) -> None:
        """Records and envelopes that cannot be decoded, of jobs that wait and that are dead."""
        keys, client = self._kit.keys, self._kit.client
        claim = self._claimed()
        self._consumer.fail([failed(claim, final=True)])
        for job_id in (self._request(), claim.id):
            client.call("HSET", keys.metadata, job_id, b"\xc1" + EVIL.encode())
        client.call("HSET", keys.data, self._request(), b"\xc1" + EVIL.encode())

    def _announce(self) -> None:
        """A worker that is lost soon, and listed for ten minutes."""
        running = ((self.ids["active"], EVIL, self._kit.reader.now_ms()),)
        self._kit.store.registry.heartbeat(WorkerInfo(
            id=self._worker, incarnation="e" * 16, pool=EVIL, host=EVIL, pid=7, queues=(QUEUE,), types=(EVIL,),
            concurrency=5, status="busy", busy=1, release=EVIL, running=running,
        ))  # fmt: skip

    def _operate(self) -> str:
        """A bulk operation that somebody with a poisonous name asked for with a poisonous reason."""
        wanted = JobFilter(ids=("evil-none",))
        return self._kit.store.operations.open(Action.RETRY, wanted, reason=EVIL, started_by=EVIL, queue=QUEUE).id
