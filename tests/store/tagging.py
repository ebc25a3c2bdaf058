"""What tests of the index of tags share."""

from __future__ import annotations

from dataclasses import replace

from jobs.filtering import JobFilter
from jobs.inspection.search import Search
from jobs.maintenance.leadership import Leadership
from jobs.maintenance.tag_indexer import NAME, TagIndexer
from tests.support.jobs import DUTY, StoreKit


def keep(kit: StoreKit) -> int:
    """Let the index be kept from now on; the stamp from which on it is whole."""
    return kit.store.tag_index.begin(DUTY, kit.lead())


def keep_no_longer(kit: StoreKit) -> bool:
    """Let the index be kept no longer."""
    return kit.store.tag_index.end(DUTY, kit.lead())


def make_whole(kit: StoreKit) -> None:
    """Let the index be kept, and enter all jobs that were there before."""
    leadership = Leadership(kit.keeper, NAME, "the-leader")
    assert leadership.keep()
    kit.store.config = replace(kit.store.config, tag_index=True)
    indexer = TagIndexer(kit.store, leadership)
    while indexer.run_once().again is not None:
        assert leadership.keep()


def tagged(kit: StoreKit, tag: str) -> list[str]:
    """The jobs in the index of a tag, oldest first."""
    return [raw.decode() for raw in kit.client.call("ZRANGE", kit.keys.tagged(tag), 0, -1)]


def index(kit: StoreKit) -> dict[str, list[str]]:
    """The whole index: ids by tag, oldest first."""
    prefix = kit.keys.tagged("")
    names = sorted(key.decode().removeprefix(prefix) for key in kit.client.call("KEYS", f"{prefix}*"))
    return {name: tagged(kit, name) for name in names}


def listed(kit: StoreKit, *tags: str, limit: int = 3) -> list[str]:
    """The jobs with one of some tags as a list shows them, page by page."""
    wanted, ids = JobFilter(tags=tags), []
    page = Search(kit.store, wanted, limit).page()
    while True:
        ids += [item.job_id for item in page.items]
        if page.next_cursor is None:
            return ids
        page = Search(kit.store, wanted, limit, page.next_cursor).page()
