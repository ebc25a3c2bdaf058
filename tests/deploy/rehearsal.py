"""The processes of the production overlay, started by hand as its manifests say, and what they do under load.

With one change: KEDA is to set the number of workers, as there is no cluster in which `scaling-queueflow` could.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.support.polling import wait_until

from .load import Load
from .pods import Pod
from .prometheus.accepted import ACCEPT, is_accepted
from .site import HOST, Site
from .ticking import TYPE, Ticking

KINDS: Final = ("worker", "web", "scheduler", "scaler")
TAKEOVER_SECONDS: Final = 5.0  # from the loss of a leader until another one leads, as the documentation promises
LOOKING_SECONDS: Final = 0.5  # until that is seen by its metrics


class Failed(AssertionError):
    """Something was not as it should be; the text says what."""


def say(text: str) -> None:
    """A line of the account."""
    print(f"  {text}", flush=True)


def demand(fine: bool, text: str) -> None:
    """Say what was seen. Raises Failed with it where that is not fine."""
    if not fine:
        raise Failed(text)
    say(text)


def last(said: str) -> str:
    """The last line of what a command said."""
    return said.strip().splitlines()[-1]


def rehearse() -> None:
    """Everything, in a folder that is removed at the end. Raises Failed, or AssertionError for what does not come."""
    with tempfile.TemporaryDirectory(prefix="queueflow-deploy-") as folder, Site(Path(folder)) as site:
        key = begin(site)
        scrape(site, key)
        with Load(site.ports, key, HOST) as load:
            ticking = Ticking(load)
            roll(site, load, ticking)
            takeover(site, "scheduler")
            crash(site, "scheduler")
            ticking.await_more(3)
        tell_ticks(load, ticking)
        settle(site, load)
        long_job(site, load)
        takeover(site, "scaler")
        finish(site)


def begin(site: Site) -> str:
    """Migrations first, then one pod after the other. Returns an API key."""
    first = site.container("queueflow-web/await-migrations")
    code, _ = site.image.run("first", first.arguments, first.environment, site.logs / "first.log")
    demand(code != 0, f"before migrations, {' '.join(first.arguments)} keeps pods waiting: exit code {code}")
    code, said = site.migrate()
    demand(code == 0, f"the Job of migrations ends with {code}, {last(said)}")
    code, said = site.manage("check", "--deploy", "--fail-level", "WARNING")
    demand(code == 0, f"check --deploy: {last(said)}")
    for kind, count in (("web", 2), ("worker", 2), ("scaler", 2), ("scheduler", 2)):
        for _ in range(count):
            pod = site.add(kind)
            kinds = ("startupProbe", "readinessProbe", "livenessProbe")
            answers = ", ".join(f"{each} {pod.probe(each)}" for each in kinds)
            say(f"{pod.name} is ready after {pod.started_in:.1f} s: {answers}")
    said = site.manage("createapikey", "deploy", "--scopes", "admin")[1]
    return next(word for word in said.split() if word.startswith("qf_"))


def scrape(site: Site, key: str) -> None:
    """What the ServiceMonitor, the PodMonitor and KEDA ask for, as they do it."""
    web, worker, scaler, scheduler = (site.pods[kind][0] for kind in ("web", "worker", "scaler", "scheduler"))
    for pod, path, token in (
        (web, "/api/metrics", key),
        (web, "/metrics/process", key),
        (worker, "/metrics/process", ""),
        (scaler, "/metrics/process", ""),
        (scheduler, "/metrics/process", ""),
    ):
        status, body, media = pod.get(path, key=token, accept=ACCEPT)
        fine = status == 200 and is_accepted(media)
        told = f"{status}, {body.count(b'# TYPE')} families as {media or 'nothing'}"
        demand(fine, f"{path} of {pod.name} by its address: {told}")
    trigger = next(each for each in site.objects if each["kind"] == "ScaledObject")["spec"]["triggers"][0]["metadata"]
    path = "/" + trigger["url"].split("/", 3)[3]
    wait_until(lambda: web.get(path, HOST, key).status == 200, 60, interval=0.5)
    replicas = json.loads(web.get(path, HOST, key).body)[trigger["valueLocation"]]
    demand(isinstance(replicas, int), f"KEDA's {trigger['url']}: {trigger['valueLocation']} {replicas}")


def roll(site: Site, load: Load, ticking: Ticking) -> None:
    """Replace all pods, one kind after the other, while jobs come and a schedule is due."""
    await_jobs(load, 50)
    for kind in KINDS:
        before, began = len(load.accepted), time.monotonic()
        count = site.roll(kind)
        await_jobs(load, before + 50)
        ticking.await_more(2)
        seconds = time.monotonic() - began
        say(f"{count} {kind} pods replaced in {seconds:.1f} s, while {len(load.accepted) - before} jobs came")


def await_jobs(load: Load, count: int) -> None:
    """Until so many have been taken in."""
    wait_until(lambda: len(load.accepted) >= count, 30)


def settle(site: Site, load: Load) -> None:
    """All that was taken in is done, each once."""
    refused = dict(load.refused)
    took = f"longest {load.longest:.2f} s"
    demand(not refused, f"{len(load.accepted)} jobs taken in, {took}, refused: {refused or 'none'}")
    done = wait_until(lambda: total(load, "completed_total", 'job_type="pack"') >= len(load.accepted), 60)
    told = {name: total(load, name) for name in ("claims_total", "releases_total", "losses_total")}
    once = total(load, "completed_total", 'job_type="pack"') == len(load.accepted) and not told["losses_total"]
    demand(bool(done) and once, f"all completed once: {told}")
    code, said = site.manage("audit")
    demand(code == 0, f"audit: {last(said)}")
    for kind, pods in site.pods.items():
        say(f"memory of {kind}: {max(pod.memory for pod in pods) / 2**20:.0f} MiB of {pods[0].limit}")


def tell_ticks(load: Load, ticking: Ticking) -> None:
    """All that the schedule was due for was done, each once."""
    ended = ticking.end()
    late = f"the latest on record {ended.latest:.2f} s after its time"
    demand(ended.is_whole, f"{len(ended.ticks)} ticks of a schedule, {ended.counts}, {late}")
    wait_until(lambda: total(load, "completed_total", f'job_type="{TYPE}"') >= len(ended.ticks), 30)
    done = total(load, "completed_total", f'job_type="{TYPE}"')
    states = {state(load, job) for job in ended.jobs}
    demand(done == len(ended.ticks) and states == {"completed"}, f"{done} of their jobs completed, one for each")


def total(load: Load, name: str, labels: str = "") -> int:
    """The value of a counter of the installation; 0 where there is none."""
    text = load.ask("GET", "/api/metrics")[1].decode()
    found = re.search(rf"^queueflow_jobs?_{name}(?:{{{labels}}})? (\S+)$", text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def long_job(site: Site, load: Load) -> None:
    """One that runs when its pod is told to end is finished; one that takes longer than the grace is given back."""
    for pod in list(site.pods["worker"])[1:]:
        site.remove(pod)
    job = start_job(load, 12)
    end = site.remove(site.pods["worker"][0])
    demand(end.code == 0 and state(load, job) == "completed", f"a job of 12 s is finished in {end.seconds:.1f} s")
    site.add("worker", grace=4)
    before, job = total(load, "releases_total"), start_job(load, 12)
    end = site.remove(site.pods["worker"][0])
    given = end.code == 0 and end.seconds < end.grace and total(load, "releases_total") == before + 1
    demand(given and state(load, job) == "pending", f"by a grace of 4 s it is given back, in {end.seconds:.1f} s")
    site.add("worker")
    wait_until(lambda: state(load, job) == "completed", 30)
    demand(total(load, "losses_total") == 0, "and done by the next pod; nothing was lost")


def start_job(load: Load, seconds: float) -> str:
    """A job that runs."""
    job = load.enqueue({"type": "pack", "payload": {"seconds": seconds}, "options": {"timeout": 30_000}})
    wait_until(lambda: state(load, job) == "active", 10)
    return job


def state(load: Load, job: str) -> str:
    """Of a job."""
    return str(json.loads(load.ask("GET", f"/api/jobs/{job}")[1])["status"])


def takeover(site: Site, kind: str) -> None:
    """A scaler or scheduler that leads ends, and the other leads."""
    leader, other = ranked(site, kind)
    began = time.monotonic()
    end = site.remove(leader)
    wait_until(lambda: leads(other), 15)
    seconds = time.monotonic() - began
    fine = end.code == 0 and seconds < TAKEOVER_SECONDS + LOOKING_SECONDS
    demand(fine, f"another {kind} leads {seconds:.1f} s after the first was told to end")


def crash(site: Site, kind: str) -> None:
    """One that leads is killed, and another one leads, which has come meanwhile."""
    site.add(kind)
    leader, other = ranked(site, kind)
    began = time.monotonic()
    site.lose(leader)
    wait_until(lambda: leads(other), 15)
    seconds = time.monotonic() - began
    fine = seconds < TAKEOVER_SECONDS + LOOKING_SECONDS
    demand(fine, f"another {kind} leads {seconds:.1f} s after the first was killed")


def ranked(site: Site, kind: str) -> list[Pod]:
    """The one of two pods that leads, and the other."""
    wait_until(lambda: any(map(leads, site.pods[kind])))
    return sorted(site.pods[kind], key=leads, reverse=True)


def leads(pod: Pod) -> bool:
    """Whether it is the one that decides, or enqueues."""
    return re.search(rb"^queueflow_\w+_leads 1$", pod.get("/metrics/process").body, re.MULTILINE) is not None


def finish(site: Site) -> None:
    """Everything ends within its grace, with 0."""
    for pod in [pod for pods in site.pods.values() for pod in pods]:
        site.remove(pod)
    worst = max(site.ends, key=lambda end: end.seconds)
    fine = all(end.code == 0 and end.seconds < end.grace for end in site.ends)
    codes = sorted({end.code for end in site.ends})
    slowest = f"the slowest, {worst.name}, in {worst.seconds:.1f} of {worst.grace} s"
    demand(fine, f"{len(site.ends)} pods ended with {codes}; {slowest}")
