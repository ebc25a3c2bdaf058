"""The half of the benchmark that runs inside a subject's own environment: ``python -m benchmarks.agent SUBJECT VERB``.

``describe`` says what the subject is, ``layout`` how a worker of some shape is started, ``feed`` enqueues. Each prints
one JSON object as its last line; whatever a library prints comes before it.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks import peers
from benchmarks.feed import NO_OPS, Feed, Mix
from benchmarks.peers.base import Peer
from benchmarks.shape import Shape
from benchmarks.work import Kind


def main() -> None:
    """Run the verb on the command line."""
    arguments = _parser().parse_args()
    peer = peers.load(arguments.subject)
    verbs = {"describe": _describe, "layout": _layout, "feed": _feed}
    print(json.dumps(verbs[arguments.verb](peer, arguments)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.agent", description=__doc__)
    parser.add_argument("subject", choices=peers.NAMES)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("describe")
    layout = verbs.add_parser("layout")
    layout.add_argument("--kind", type=Kind, required=True)
    layout.add_argument("--processes", type=int, required=True)
    layout.add_argument("--slots", type=int)
    feed = verbs.add_parser("feed")
    feed.add_argument("--kind", type=Kind, required=True)
    feed.add_argument("--count", type=int, required=True)
    feed.add_argument("--mix", type=Mix.parse, default=NO_OPS)
    feed.add_argument("--gap", type=float, default=0.0, help="mean seconds between two jobs")
    feed.add_argument("--batch", type=int, default=0, help="jobs sent at once; 0: one by one")
    return parser


def _describe(peer: Peer, _: argparse.Namespace) -> dict[str, Any]:
    return {
        "versions": peer.versions(),
        "kinds": [kind.value for kind in peer.kinds],
        "bulk": peer.bulk,
        "about": (type(peer).__doc__ or "").strip(),
    }


def _layout(peer: Peer, arguments: argparse.Namespace) -> dict[str, Any]:
    shape = Shape(arguments.processes, arguments.kind, arguments.slots)
    return {"commands": peer.commands(shape), "environment": peer.environment(shape), "slots": peer.slots(shape)}


def _feed(peer: Peer, arguments: argparse.Namespace) -> dict[str, Any]:
    feed = Feed(arguments.count, arguments.mix, arguments.gap, skip=max(1, arguments.batch))
    if arguments.batch:
        peer.enqueue_bulk(arguments.kind, feed, arguments.batch)
    else:
        peer.enqueue(arguments.kind, feed)
    feed.finish()
    return {"rate": feed.rate}


if __name__ == "__main__":
    main()
