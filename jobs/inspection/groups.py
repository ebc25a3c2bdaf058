"""Dead jobs by the fingerprint of their error: how many, since when, and what people think of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

import msgspec

from jobs.redaction import Redactor
from jobs.store.reader import Group
from jobs.store.store import Store
from jobs.store.triage import Note, standing

from .masking import masked_groups
from .wire import Time, Wire, about, time_of, words

STANDINGS: Final = ("open", "regressed", "resolved", "ignored")
Standing = Annotated[str, words("GroupStatus", STANDINGS)]


class GroupsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which groups: of these standings, with a job of one of these types, of these fingerprints (none: any), and with
    `text` in their line or a type, whatever its case. Of those, after the `skip` largest, the `most` largest (None:
    all), with the `trend` of their deaths or without."""

    standings: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    text: str = ""
    skip: int = 0
    most: int | None = None
    trend: bool = False


class GroupLine(Wire, frozen=True):
    """Dead jobs that failed alike."""

    fingerprint: Annotated[str, about("What the errors have in common, as the parameter `error` of lists takes it")]
    count: Annotated[int, about("How many dead jobs there are in the group")]
    error: Annotated[str, about("One of the errors, on one line")]
    first_seen: Annotated[Time | None, about("When the first of them died")]
    last_seen: Annotated[Time | None, about("When the last of them died")]
    sample_job_id: Annotated[str, about("One of the jobs")]
    types: Annotated[list[str], about("The job types in the group")]
    status: Annotated[Standing, about("open; resolved; ignored; regressed when jobs died of it after it was resolved")]
    noted_by: Annotated[str | None, about("Who resolved or ignored it")] = None
    noted_at: Annotated[Time | None, about("When it was resolved or ignored")] = None
    note: Annotated[str | None, about("Why, in the words of who did")] = None
    trend: Annotated[
        list[int] | None, about("Deaths an hour over the last 24 hours, oldest first, of jobs that are still dead")
    ] = None


class GroupPage(NamedTuple):
    """Some lines, and how many there are in all that match."""

    lines: list[GroupLine]
    matching: int


class Groups(NamedTuple):
    """All groups by fingerprint, and the notes on them."""

    found: Mapping[str, Group]
    notes: Mapping[str, Note]

    def counts(self) -> dict[str, int]:
        """How many groups have each standing."""
        counts = dict.fromkeys(STANDINGS, 0)
        for fingerprint, group in self.found.items():
            counts[standing(group, self.notes.get(fingerprint))] += 1
        return counts


def all_groups(store: Store) -> Groups:
    """The groups there are now."""
    return Groups(store.reader.groups(), store.triage.notes())


def group_page(
    store: Store, wanted: GroupsWanted, redactor: Redactor | None = None, groups: Groups | None = None
) -> GroupPage:
    """Groups as somebody may see them, largest first. `groups`: those that were read before."""
    found, notes = groups or all_groups(store)
    meant = [fingerprint for fingerprint, group in found.items() if _is_meant(fingerprint, group, notes, wanted)]
    chosen = {each: found[each] for each in sorted(meant, key=lambda each: (-found[each].count, each))}
    if wanted.text:  # in what this person sees of it: what is hidden is not found either
        chosen = {each: group for each, group in _shown(store, redactor, chosen).items() if _says(group, wanted.text)}
    end = None if wanted.most is None else wanted.skip + wanted.most
    page = {each: chosen[each] for each in list(chosen)[wanted.skip : end]}
    trends = store.trends.of(page) if wanted.trend else [None] * len(page)
    lines = [
        _line(fingerprint, group, notes.get(fingerprint), trend, redactor)
        for (fingerprint, group), trend in zip(_shown(store, redactor, page).items(), trends, strict=True)
    ]
    return GroupPage(lines, len(chosen))


def _shown(store: Store, redactor: Redactor | None, groups: Mapping[str, Group]) -> dict[str, Group]:
    if redactor is None:
        return dict(groups)
    return dict(zip(groups, masked_groups(store, redactor, list(groups.values())), strict=True))


def _says(group: Group, text: str) -> bool:
    return any(text.lower() in each.lower() for each in (group.summary, *group.types))


def _is_meant(fingerprint: str, group: Group, notes: Mapping[str, Note], wanted: GroupsWanted) -> bool:
    if wanted.fingerprints and fingerprint not in wanted.fingerprints:
        return False
    if wanted.standings and standing(group, notes.get(fingerprint)) not in wanted.standings:
        return False
    return not wanted.types or any(each in wanted.types for each in group.types)


def _line(
    fingerprint: str, group: Group, note: Note | None, trend: list[int] | None, redactor: Redactor | None
) -> GroupLine:
    reason = note.reason if note else ""
    return GroupLine(
        fingerprint=fingerprint,
        count=group.count,
        error=group.summary,
        first_seen=time_of(group.first_seen),
        last_seen=time_of(group.last_seen),
        sample_job_id=group.sample_id,
        types=group.types,
        status=standing(group, note),
        noted_by=note.by if note else None,
        noted_at=time_of(note.at) if note else None,
        note=(redactor.mask_text(reason) if redactor else reason) or None,
        trend=trend,
    )
