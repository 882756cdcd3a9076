"""What does a draft look like at any time, and which changes to it get in each other's way?

A draft is a base plan and a log of edits. Nothing of the plans in between is kept: they are made
again by replaying the edits, which gives the same plans to the last bit. Who sends an edit says
which version of the draft he saw; it is taken if nobody has changed since what it touches.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from threading import Lock

import numpy as np
import shapely

from gis.errors import Conflict, NotFound
from gis.plan.describing import MOST_TOLD, list_some
from gis.plan.edits.apply import apply_edit
from gis.plan.edits.model import Edit
from gis.plan.model import Finding, Grid, Plan, Severity

SAME_GROUND_SHARE = 1e-12
"""Two shapes are the same ground if they differ by no more than this share of the area: a corner
that was added to a border lies on it to the nearest double, not exactly."""


class DraftStatus(StrEnum):
    """How far a draft is on its way; ``IN_FORCE`` comes with the date, not by anyone's doing."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    CANCELLED = "cancelled"


class EntryState(StrEnum):
    """Whether an edit of the log is in the plan; a dropped one can never come back."""

    APPLIED = "applied"
    UNDONE = "undone"
    DROPPED = "dropped"


class Change(StrEnum):
    """What happened to a draft."""

    CREATED = "created"
    EDITED = "edited"
    UNDONE = "undone"
    REDONE = "redone"
    REBASED = "rebased"
    NAMED = "named"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One edit of a draft; ``changed`` as in :class:`gis.plan.edits.Applied`."""

    id: int
    number: int
    edit: Edit
    changed: frozenset[str]
    state: EntryState
    actor: str
    at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a draft, which made it ``version``.

    ``changed`` are the codes whose ground, name, code or parent it changed; ``state`` is given by
    events that begin the draft anew (created, rebased): the base and the entries on it.
    """

    version: int
    what: Change
    changed: frozenset[str]
    summary: str
    actor: str
    at: datetime
    entry_id: int | None = None
    state: DraftState | None = None


@dataclass(frozen=True, slots=True)
class DraftState:
    """What determines the plan of a draft: the base and which edits are applied, in order."""

    base_revision_id: int
    entry_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Exemption:
    """A finding that is accepted for a reason; without codes, all findings of the check."""

    check: str
    reason: str
    codes: tuple[str, ...] = ()


class KnownPlans:
    """The plans of the draft states asked for last, for all threads of a process.

    Parameters
    ----------
    limit
        How many are kept; grids that two plans share are shared in memory.
    """

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._plans: OrderedDict[DraftState, Plan] = OrderedDict()
        self._lock = Lock()

    def get(self, state: DraftState) -> Plan | None:
        """Return the plan of a state if it is known."""
        with self._lock:
            plan = self._plans.get(state)
            if plan is not None:
                self._plans.move_to_end(state)
            return plan

    def keep(self, state: DraftState, plan: Plan) -> None:
        """Remember the plan of a state, and forget the one that was not asked for longest."""
        with self._lock:
            self._plans[state] = plan
            self._plans.move_to_end(state)
            while len(self._plans) > self._limit:
                self._plans.popitem(last=False)


def state_at(events: Sequence[Event], version: int) -> DraftState:
    """Return the base and the applied edits that a draft had at a version.

    Parameters
    ----------
    events
        Of the draft, in order, from the first on.
    """
    state: DraftState | None = None
    for event in events:
        if event.version > version:
            break
        state = _after(state, event)
    if state is None or version < 1:
        raise NotFound(f"the draft has no version {version}", version=version)
    return state


def _after(state: DraftState | None, event: Event) -> DraftState | None:
    if event.state is not None or state is None:
        return event.state
    if event.what in (Change.EDITED, Change.REDONE) and event.entry_id is not None:
        return replace(state, entry_ids=(*state.entry_ids, event.entry_id))
    if event.what is Change.UNDONE:
        return replace(state, entry_ids=state.entry_ids[:-1])
    return state


def replay(base: Plan, edits: Iterable[Edit], used: Collection[str] = frozenset()) -> list[Plan]:
    """Return the plan after each edit, from the base itself on.

    Parameters
    ----------
    edits
        With the codes that were issued for them.
    used
        As for :func:`gis.plan.edits.apply_edit`.
    """
    plans = [base]
    for edit in edits:
        plans.append(apply_edit(plans[-1], edit, used=used).plan)
    return plans


def find_changed_codes(old: Plan, new: Plan) -> frozenset[str]:
    """Return the codes whose ground, name, level or parent differ, or that only one plan has.

    Examples
    --------
    >>> import shapely
    >>> from gis.plan.model import Level
    >>> old = Plan([Grid("1", "一", Level.GRID, shapely.box(0, 0, 1, 1))])
    >>> new = Plan([Grid("1", "一", Level.GRID, shapely.box(0, 0, 1, 1)),
    ...             Grid("2", "二", Level.GRID, shapely.box(1, 0, 2, 1))])
    >>> sorted(find_changed_codes(old, new))
    ['2']
    """
    before = {grid.code: grid for grid in old}
    after = {grid.code: grid for grid in new}
    changed = set(before) ^ set(after)
    moved = []
    for code in before.keys() & after.keys():
        one, other = before[code], after[code]
        if (one.name, one.level, one.parent) != (other.name, other.level, other.parent):
            changed.add(code)
        elif one.geometry is not other.geometry:
            moved.append(code)
    return frozenset(changed.union(_without_same_ground(moved, before, after)))


def _without_same_ground(
    codes: Sequence[str], before: Mapping[str, Grid], after: Mapping[str, Grid]
) -> Iterator[str]:
    ones = np.array([before[code].geometry for code in codes], dtype=object)
    others = np.array([after[code].geometry for code in codes], dtype=object)
    alike = shapely.equals_exact(ones, others, tolerance=0.0)
    for code, one, other, same in zip(codes, ones, others, alike, strict=True):
        if not same and one.symmetric_difference(other).area > SAME_GROUND_SHARE * one.area:
            yield code


def find_conflicts(changed: Collection[str], since: Iterable[Event]) -> list[Event]:
    """Return the events that changed any of some codes."""
    codes = frozenset(changed)
    return [event for event in since if codes & event.changed]


def explain_conflict(
    events: Sequence[Event], changed: Collection[str], *, seen: int, now: int
) -> Conflict:
    """Return the error for an edit that others were quicker than: it names what, where and who.

    Parameters
    ----------
    events
        What happened since the sender looked and gets in the way.
    changed
        The codes that the sender's edit changes; all of the events' if none are among them.
    """
    theirs = frozenset().union(*(event.changed for event in events))
    grids = sorted(theirs & frozenset(changed)) or sorted(theirs)
    persons = sorted({event.actor for event in events})
    said = "; ".join(f"{event.actor}: {event.summary}" for event in events[:MOST_TOLD])
    more = f"; and {len(events) - MOST_TOLD} more" if len(events) > MOST_TOLD else ""
    return Conflict(
        f"{list_some(persons)} changed {list_some(grids)} after version {seen}, which you looked "
        f"at ({said}{more}); look at version {now} and make your edit again",
        edits=[_tell(event) for event in events],
        grids=grids,
        persons=persons,
        version=now,
    )


def _tell(event: Event) -> dict[str, object]:
    return {
        "summary": event.summary,
        "codes": sorted(event.changed),
        "actor": event.actor,
        "at": event.at.isoformat(),
    }


def find_blocking(
    findings: Iterable[Finding], exemptions: Collection[Exemption] = ()
) -> list[Finding]:
    """Return the errors that nobody gave a reason to accept."""
    return [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR
        and not any(_is_exempt(finding, exemption) for exemption in exemptions)
    ]


def _is_exempt(finding: Finding, exemption: Exemption) -> bool:
    if exemption.check != finding.check:
        return False
    return not exemption.codes or (bool(finding.codes) and {*finding.codes} <= {*exemption.codes})
