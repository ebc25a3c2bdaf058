"""Simulations: start, follow, abort. Each runs in a process of its own."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.problems import Problem, not_found
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.routes.endpoints import endpoints
from jobs.rights import Right
from jobs.store.simulation import Simulation, SimulationStatus
from jobs.store.simulations import AT_ONCE
from scaling.simulating.run import Run

from .pools import known
from .simulate_answers import (
    SimulationBrief,
    SimulationList,
    SimulationStarted,
    SimulationView,
    conditions_of,
    is_sound,
)
from .simulate_bodies import SimulationBody
from .simulate_examples import ANSWERS, REQUESTS
from .simulate_load import wanted_of

RETRY_SECONDS: Final = 5
UNKNOWN: Final = "There is no such simulation, it is forgotten by now, or what is kept of it cannot be read."
learn(REQUESTS, ANSWERS)


@endpoints.post(
    "/scaling/{pool}/simulate",
    Right.ADMINISTER,
    body=SimulationBody,
    answers={202: SimulationStarted},
    located=True,
)
def start_simulation(call: Call[SimulationBody, Nothing], pool: str) -> Answer:
    """Replay a load against strategies, to see what each would make of it.

    Nothing changes. It takes seconds for each day and strategy; two run at once in the whole installation, and another
    is refused with 429.
    """
    policy = known(call, pool)
    if not call.store.simulations.has_room():
        raise _full()
    words, wanted = wanted_of(call.store, policy, call.body)
    simulation_id, now_ms = call.store.simulations.new_id()
    told = Simulation(
        id=simulation_id,
        pool=pool,
        source=words,
        note=wanted.trace.note,
        strategies=wanted.strategies,
        conditions=msgspec.Raw(msgspec.json.encode(wanted.conditions)),
        started_by=call.principal.name[:200],
        created=now_ms,
    )
    if not call.store.simulations.open(told):
        raise _full()
    Run(call.store, told, wanted).start()
    return Answer(
        SimulationStarted(id=simulation_id), headers={"Location": f"/api/scaling/{pool}/simulate/{simulation_id}"}
    )


@endpoints.get("/scaling/{pool}/simulate", Right.VIEW, answers={200: SimulationList})
def list_simulations(call: Call[NoBody, Nothing], pool: str) -> SimulationList:
    """List the pool's simulations, latest first.

    Ten are remembered in the whole installation, each for a day. Of what cannot be read there is only the id.
    """
    known(call, pool)
    found = call.store.simulations.latest()
    sound = [told for _, told in found if told is not None and is_sound(told)]
    readable = {told.id for told in sound}
    return SimulationList(
        items=[SimulationBrief.of(told) for told in sound if told.pool == pool],
        unreadable=[simulation_id for simulation_id, _ in found if simulation_id not in readable],
    )


@endpoints.get("/scaling/{pool}/simulate/{simulation_id}", Right.VIEW, answers={200: SimulationView})
def get_simulation(call: Call[NoBody, Nothing], pool: str, simulation_id: str) -> SimulationView:
    """Show how far a simulation is, and at its end what each strategy made of the load."""
    return _view(call, _found(call, pool, simulation_id))


@endpoints.post("/scaling/{pool}/simulate/{simulation_id}/abort", Right.ADMINISTER, answers={200: SimulationView})
def abort_simulation(call: Call[NoBody, Nothing], pool: str, simulation_id: str) -> SimulationView:
    """Abort a simulation.

    Its process ends within seconds. One that is over stays as it is.
    """
    found = _found(call, pool, simulation_id)
    if found.status is SimulationStatus.RUNNING:
        finished = call.store.reader.now_ms()
        ended = msgspec.structs.replace(found, status=SimulationStatus.ABORTED, finished=finished)
        call.store.simulations.save(ended)
    return _view(call, _found(call, pool, simulation_id))


def _full() -> Problem:
    detail = f"{AT_ONCE} simulations run already: wait for one, or abort one."
    return Problem(429, "rate_limited", detail, headers={"Retry-After": str(RETRY_SECONDS)})


def _found(call: Call[Any, Any], pool: str, simulation_id: str) -> Simulation:
    is_id = simulation_id.isascii() and simulation_id.isalnum()
    found = call.store.simulations.get(simulation_id) if is_id else None
    if found is None or found.pool != pool or found.id != simulation_id or not is_sound(found):
        raise not_found(UNKNOWN)
    return found


def _view(call: Call[Any, Any], found: Simulation) -> SimulationView:
    conditions = conditions_of(found)
    if conditions is None:
        raise not_found(UNKNOWN)
    return SimulationView.whole(found, conditions, call.store.simulations.result(found.id))
