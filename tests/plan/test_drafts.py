"""A draft is its base and its log: states, conflicts and rebases follow from these alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import Conflict, NotFound
from gis.plan.describing import describe_edit
from gis.plan.drafts import (
    Change,
    DraftState,
    EntryState,
    Event,
    Exemption,
    KnownPlans,
    LogEntry,
    explain_conflict,
    find_blocking,
    find_changed_codes,
    find_conflicts,
    replay,
    state_at,
)
from gis.plan.edits.apply import apply_edit
from gis.plan.edits.model import Edit, Merge, Rename, Renumber, Split, read_edit, write_edit
from gis.plan.model import Finding, Grid, Level, Plan, Severity
from gis.plan.rebasing import explain_rebase, rebase

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TOP = "350402002003"


def four() -> Plan:
    r"""Draw a community of four grids in a row::

    1 2 3 4     (1 starts at 117.6, 26.2; each side is 0.01°)
    """
    xs = [117.6, 117.61, 117.62, 117.63, 117.64]
    outline = [(x, 26.2) for x in xs] + [(x, 26.21) for x in reversed(xs)]
    grids = [Grid(TOP, "社区", Level.COMMUNITY, shapely.Polygon(outline))]
    for number in range(4):
        square = shapely.box(xs[number], 26.2, xs[number + 1], 26.21)
        grids.append(Grid(code(number + 1), f"网格{number + 1}", Level.GRID, square, TOP))
    return Plan(grids)


def code(number: int) -> str:
    """Return the code of a grid."""
    return f"{TOP}{number:03d}"


def split(number: int) -> Split:
    """Cut a grid of the row from top to bottom through its middle."""
    x = 117.595 + number * 0.01
    return Split(code=code(number), line=((x, 26.19), (x, 26.22)))


def entries_of(plan: Plan, *edits: Edit) -> tuple[Plan, list[LogEntry]]:
    """Make edits one after the other; return the plan and the log."""
    entries = []
    for number, edit in enumerate(edits, start=1):
        applied = apply_edit(plan, edit)
        said = describe_edit(edit)
        entry = LogEntry(
            number, number, applied.edit, applied.changed, EntryState.APPLIED, "Chen", NOW, said
        )
        entries.append(entry)
        plan = applied.plan
    return plan, entries


def event(version: int, what: Change, entry: int | None = None, *changed: str) -> Event:
    """Make an event by Lin."""
    return Event(version, what, frozenset(changed), f"{what} {entry}", "Lin", NOW, entry)


def test_replay_gives_the_same_bytes() -> None:
    plan, entries = entries_of(four(), split(2), Rename(code=code(1), name="一"))
    again = replay(four(), [read_edit(write_edit(entry.edit)) for entry in entries])
    assert len(again) == 3
    assert again[-1].fingerprint == plan.fingerprint
    assert again[0].fingerprint == four().fingerprint


def test_states_follow_from_the_events() -> None:
    first = Event(1, Change.CREATED, frozenset(), "", "Lin", NOW, None, DraftState(7, ()))
    events = [
        first,
        event(2, Change.EDITED, 10, "a"),
        event(3, Change.EDITED, 11, "b"),
        event(4, Change.LOCKED),
        event(5, Change.UNDONE, 11, "b"),
        event(6, Change.REDONE, 11, "b"),
        Event(7, Change.REBASED, frozenset(), "", "Lin", NOW, None, DraftState(8, (12, 13))),
        event(8, Change.UNDONE, 13, "b"),
    ]
    found = [state_at(events, version) for version in range(1, 9)]
    assert [(state.base_revision_id, state.entry_ids) for state in found] == [
        (7, ()), (7, (10,)), (7, (10, 11)), (7, (10, 11)), (7, (10,)), (7, (10, 11)),
        (8, (12, 13)), (8, (12,)),
    ]  # fmt: skip
    for version in (0, -1):
        with pytest.raises(NotFound):
            state_at(events, version)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["edit", "undo", "redo"]), max_size=30))
def test_states_are_those_of_a_stack(steps: list[str]) -> None:
    events = [Event(1, Change.CREATED, frozenset(), "", "x", NOW, None, DraftState(1, ()))]
    applied: list[int] = []
    undone: list[int] = []
    for step in steps:
        version = len(events) + 1
        if step == "edit":
            applied.append(version)
            undone.clear()
            events.append(event(version, Change.EDITED, version, "a"))
        elif step == "undo" and applied:
            undone.append(applied.pop())
            events.append(event(version, Change.UNDONE, undone[-1], "a"))
        elif step == "redo" and undone:
            applied.append(undone.pop())
            events.append(event(version, Change.REDONE, applied[-1], "a"))
    assert state_at(events, len(events)).entry_ids == tuple(applied)


def test_conflicts_name_edits_grids_and_persons() -> None:
    since = [event(2, Change.EDITED, 1, "a", "b"), event(3, Change.EDITED, 2, "c")]
    assert find_conflicts({"c", "d"}, since) == since[1:]
    assert find_conflicts({"d"}, since) == []
    error = explain_conflict(since, {"a"}, seen=1, now=3)
    assert isinstance(error, Conflict)
    assert error.data["grids"] == ["a"]
    assert error.data["persons"] == ["Lin"]
    assert [edit["codes"] for edit in error.data["edits"]] == [["a", "b"], ["c"]]
    assert error.message.startswith("Lin changed a after version 1")


def test_a_corner_on_a_border_is_no_change_of_ground() -> None:
    plan = four()
    ring = list(plan[code(1)].geometry.exterior.coords)
    ring.insert(1, tuple((a + b) / 3 for a, b in zip(ring[0], ring[1], strict=True)))
    ring[1] = ((ring[0][0] + ring[2][0]) / 2, (ring[0][1] + ring[2][1]) / 2)
    same = Grid(code(1), "网格1", Level.GRID, shapely.Polygon(ring), TOP)
    other = plan.replacing([code(1)], [same])
    assert find_changed_codes(plan, other) == frozenset()
    named = plan.replacing([code(2)], [Grid(code(2), "x", Level.GRID, plan[code(2)].geometry, TOP)])
    assert find_changed_codes(plan, named) == {code(2)}


def test_rebase_keeps_what_nobody_touched_and_issues_codes_anew() -> None:
    # Both the draft and the new base split a grid, and both were given number 5.
    _, entries = entries_of(four(), split(2), Rename(code=code(5), name="新"))
    base, _ = entries_of(four(), split(4))
    rebased = rebase(four(), base, entries)
    assert rebased.conflicts == ()
    assert rebased.plan[code(5)].name != "新"
    assert rebased.plan[code(6)].name == "新"
    assert rebased.plan[code(6)].geometry.within(four()[code(2)].geometry)
    assert [applied.plan for _, applied in rebased.kept][-1] is rebased.plan


def test_rebase_drops_what_was_touched_and_what_builds_on_it() -> None:
    _, entries = entries_of(
        four(),
        Rename(code=code(1), name="一"),
        split(2),
        Merge(codes=(code(5), code(1))),
        Rename(code=code(4), name="四"),
    )
    base, _ = entries_of(four(), Rename(code=code(2), name="二"))
    rebased = rebase(four(), base, entries)
    assert [entry.id for entry in rebased.conflicts] == [2, 3]
    assert [entry.id for entry, _ in rebased.kept] == [1, 4]
    error = explain_rebase(rebased, {code(2)}, base=9, version=5)
    assert error.data["grids"] == [code(2)]
    assert "Chen" in error.message


def test_rebase_on_a_base_without_the_grid_is_a_conflict() -> None:
    _, entries = entries_of(four(), Renumber(codes={code(1): code(9)}))
    base, _ = entries_of(four(), Renumber(codes={code(4): code(9)}))
    assert len(rebase(four(), base, entries).conflicts) == 1


def test_exemptions_stand_for_the_findings_that_they_name() -> None:
    bad = Finding("contiguity", Severity.ERROR, "", "", codes=("a", "b"))
    mild = Finding("load", Severity.WARNING, "", "", codes=("a",))
    nowhere = Finding("contiguity", Severity.ERROR, "", "")
    assert find_blocking([bad, mild, nowhere]) == [bad, nowhere]
    assert find_blocking([bad, nowhere], [Exemption("contiguity", "why", ("a", "b", "c"))]) == [
        nowhere
    ]
    assert find_blocking([bad], [Exemption("contiguity", "why", ("a",))]) == [bad]
    assert find_blocking([bad, nowhere], [Exemption("contiguity", "why")]) == []
    assert find_blocking([bad], [Exemption("coverage", "why")]) == [bad]


def test_known_plans_forget_what_was_not_asked_for_longest() -> None:
    known = KnownPlans(limit=2)
    plan = four()
    for number in range(2):
        known.keep(DraftState(number, ()), plan)
    assert known.get(DraftState(0, ())) is plan
    known.keep(DraftState(2, ()), plan)
    assert known.get(DraftState(1, ())) is None
    assert known.get(DraftState(0, ())) is plan


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "merge", "codes": ["1", "2"], "into": "2"}, "merge 1, 2 into 2"),
        ({"kind": "renumber", "parent": "9"}, "renumber the areas of 9"),
        ({"kind": "renumber", "codes": {"1": "2"}}, "renumber 1 to 2"),
        ({"kind": "change_parent", "code": "1", "parent": "2"}, "hang 1 under 2"),
    ],
)
def test_edits_are_said_in_a_few_words(data: dict[str, object], said: str) -> None:
    assert describe_edit(read_edit(data)) == said
