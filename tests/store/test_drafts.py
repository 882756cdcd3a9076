"""A draft keeps every edit, across people and restarts, and loses none to a quicker one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import shapely
from sqlalchemy import Engine, text

from gis.errors import Conflict, InputError, NotFound, Refused
from gis.plan.drafts import Change, DraftStatus, EntryState, Exemption, KnownPlans
from gis.plan.edits.model import Merge, Split
from gis.plan.model import Finding, Severity
from gis.store import approvals, audit, drafts, plans
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import make_series, publish_nine_grids
from tests.store.editing import code, make_approved, make_draft, rename, renumber


def split(number: int) -> Split:
    """Cut one of the nine grids from top to bottom through its middle."""
    x = 117.6 + ((number - 1) % 3 + 0.5) * 0.01
    return Split(code=code(number), line=((x, 26.19), (x, 26.24)))


def test_log_replays_to_the_same_bytes_after_a_restart(database_url: str) -> None:
    first = open_engine(database_url)
    with transaction(first) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series, split(5), rename(5, "南"), renumber(1, 71))
    first.dispose()
    second = open_engine(database_url)
    with transaction(second) as connection:
        again = drafts.get(connection, draft.id)
        assert again == draft
        assert drafts.current_plan(connection, again).fingerprint == plan.fingerprint
        assert drafts.plan_at(connection, again, 1).fingerprint == (
            plans.load_plan(connection, draft.base_revision_id).fingerprint
        )
    second.dispose()


def test_undo_and_redo_go_all_the_way_across_reconnects(database_url: str) -> None:
    known = KnownPlans()
    engine = open_engine(database_url)
    with transaction(engine) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series, rename(1), split(5), rename(9))
        steps = [drafts.plan_at(connection, draft, v).fingerprint for v in range(1, 5)]
    for expected in reversed(steps[:-1]):
        engine.dispose()
        with transaction(engine) as connection:
            changed = drafts.undo(
                connection, draft.id, seen_version=draft.version, actor="lin", known=known
            )
            draft = changed.draft
        assert changed.plan.fingerprint == expected
    with transaction(engine) as connection, pytest.raises(Refused, match="no edit to undo"):
        drafts.undo(connection, draft.id, seen_version=draft.version, actor="lin")
    for expected in steps[1:]:
        with transaction(engine) as connection:
            changed = drafts.redo(connection, draft.id, seen_version=draft.version, actor="chen")
            draft = changed.draft
        assert changed.plan.fingerprint == expected
    with transaction(engine) as connection:
        events = drafts.events_since(connection, draft.id)
        assert [event.version for event in events] == list(range(1, 11))
        assert [event.what for event in events][4:7] == [Change.UNDONE] * 3
        assert drafts.plan_at(connection, draft, 6).fingerprint == steps[1]
        actions = [entry.action for entry in audit.entries(connection, subject="meilie", limit=6)]
    assert actions == ["draft.redone"] * 3 + ["draft.undone"] * 3
    engine.dispose()


def test_a_new_edit_drops_what_was_undone_but_the_log_keeps_it(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series, rename(1), rename(2))
        draft = drafts.undo(connection, draft.id, seen_version=3, actor="chen").draft
        draft = drafts.append_edit(
            connection, draft.id, rename(3), seen_version=4, actor="chen"
        ).draft
        states = [entry.state for entry in drafts.log(connection, draft.id)]
        assert states == [EntryState.APPLIED, EntryState.DROPPED, EntryState.APPLIED]
        with pytest.raises(Refused, match="no edit to redo"):
            drafts.redo(connection, draft.id, seen_version=5, actor="chen")


def test_edits_on_an_older_version_merge_when_apart_and_conflict_when_not(
    database: Engine,
) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series)
        drafts.append_edit(connection, draft.id, rename(1, "甲"), seen_version=1, actor="Chen")
        # Both split a grid of the same community: each is given the next free code.
        drafts.append_edit(connection, draft.id, split(5), seen_version=1, actor="Lin")
        after = drafts.append_edit(connection, draft.id, split(9), seen_version=1, actor="Chen")
        assert after.draft.version == 4
        assert len(after.plan) == 12
        with pytest.raises(Conflict) as conflict:
            drafts.append_edit(
                connection, draft.id, Merge(codes=(code(4), code(5))), seen_version=1, actor="Wu"
            )
    data = conflict.value.data
    assert data["grids"] == [code(5)]
    assert data["persons"] == ["Lin"]
    assert data["version"] == 4
    assert [edit["summary"] for edit in data["edits"]] == [f"split {code(5)}"]
    for word in ("Lin", code(5), "split", "version 1", "version 4"):
        assert word in conflict.value.message


def test_of_edits_at_once_those_apart_are_all_kept_and_of_those_on_one_grid_one(
    database_url: str,
) -> None:
    engine = open_engine(database_url, pool_size=9)
    with transaction(engine) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series)

    def edit(number: int) -> str:
        try:
            with transaction(engine) as connection:
                sent = rename(min(number, 6), f"n{number}")
                drafts.append_edit(connection, draft.id, sent, seen_version=1, actor=f"P{number}")
        except Conflict as error:
            return error.code
        return "kept"

    with ThreadPoolExecutor(9) as pool:
        outcomes = sorted(pool.map(edit, range(1, 10)))
    with transaction(engine) as connection:
        assert drafts.get(connection, draft.id).version == 7
        assert len(drafts.log(connection, draft.id)) == 6
    engine.dispose()
    assert outcomes == ["conflict"] * 3 + ["kept"] * 6


def test_an_edit_of_a_grid_that_is_gone_conflicts_with_who_took_it(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series)
        merge = Merge(codes=(code(1), code(2)))
        drafts.append_edit(connection, draft.id, merge, seen_version=1, actor="Lin")
        with pytest.raises(Conflict, match="Lin changed"):
            drafts.append_edit(connection, draft.id, rename(2), seen_version=1, actor="Chen")
        with pytest.raises(NotFound):
            drafts.append_edit(connection, draft.id, rename(2), seen_version=2, actor="Chen")
        with pytest.raises(InputError, match="no version 9"):
            drafts.append_edit(connection, draft.id, rename(3), seen_version=9, actor="Chen")


def test_what_was_undone_counts_as_changed(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series, rename(1))
        drafts.undo(connection, draft.id, seen_version=2, actor="Lin")
        with pytest.raises(Conflict, match="undone: rename"):
            drafts.append_edit(connection, draft.id, rename(1), seen_version=2, actor="Wu")
        with pytest.raises(Conflict, match="at version 3"):
            drafts.redo(connection, draft.id, seen_version=2, actor="Wu")


def test_locked_grids_take_no_edit_and_no_undo(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series, rename(1))
        draft = drafts.lock_codes(connection, draft.id, {code(1), code(2)}, actor="Lin")
        assert draft.locked == {code(1), code(2)}
        with pytest.raises(Refused, match="locked"):
            drafts.append_edit(connection, draft.id, rename(2), seen_version=3, actor="Chen")
        with pytest.raises(Refused, match="locked"):
            drafts.undo(connection, draft.id, seen_version=3, actor="Chen")
        # Neither the lock nor its end is an edit that others would conflict with.
        drafts.unlock_codes(connection, draft.id, {code(2)}, actor="Lin")
        drafts.append_edit(connection, draft.id, rename(2), seen_version=2, actor="Chen")
        with pytest.raises(NotFound, match="nowhere"):
            drafts.lock_codes(connection, draft.id, {"nowhere"}, actor="Lin")


def test_named_versions_can_be_cloned(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, early = make_draft(connection, series, split(5))
        drafts.name_version(connection, draft.id, "一稿", actor="chen")
        drafts.append_edit(connection, draft.id, rename(1), seen_version=3, actor="chen")
        with pytest.raises(Conflict, match="already"):
            drafts.name_version(connection, draft.id, "一稿", actor="chen")
        with pytest.raises(NotFound, match="一稿"):
            drafts.clone(connection, draft.id, "x", actor="lin", from_version="二稿")
        copy = drafts.clone(connection, draft.id, "副本", actor="lin", from_version="一稿")
        assert drafts.current_plan(connection, copy).fingerprint == early.fingerprint
        whole = drafts.clone(connection, draft.id, "副本", actor="lin")
        assert len(drafts.log(connection, whole.id)) == 2
        undone = drafts.undo(connection, copy.id, seen_version=1, actor="lin")
        assert len(undone.plan) == 10
        assert [each.version for each in drafts.list_versions(connection, draft.id)] == [3]
        assert [each.id for each in drafts.list_drafts(connection, series)] == [
            whole.id, copy.id, draft.id,
        ]  # fmt: skip


def test_every_change_is_announced_with_its_version(
    database: Engine, postgis: psycopg.Connection
) -> None:
    postgis.autocommit = True
    postgis.execute(f"LISTEN {drafts.DRAFT_CHANNEL}")
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, _ = make_draft(connection, series, rename(1))
    heard = [json.loads(each.payload) for each in postgis.notifies(timeout=5, stop_after=2)]
    assert heard == [{"draft": draft.id, "version": 1}, {"draft": draft.id, "version": 2}]


def test_the_way_to_approval(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series, rename(1))
        bad = Finding("contiguity", Severity.ERROR, "in two parts", "join them", codes=(code(1),))
        asking = {
            "seen_version": 2,
            "actor": "Chen",
            "findings": [bad],
            "check_versions": {"contiguity": "1", "coverage": "2"},
        }
        with pytest.raises(Refused, match="two parts") as refusal:
            approvals.submit(connection, draft.id, plan, **asking)
        assert refusal.value.data["findings"][0]["check"] == "contiguity"
        with pytest.raises(InputError, match="exemption"):
            approvals.submit(
                connection, draft.id, plan, **asking, exemptions=[Exemption("contiguity", " ")]
            )
        reason = Exemption("contiguity", "an island", (code(1),))
        draft = approvals.submit(connection, draft.id, plan, **asking, exemptions=[reason])
        assert draft.status is DraftStatus.SUBMITTED
        with pytest.raises(Refused, match="submitted"):
            drafts.append_edit(connection, draft.id, rename(2), seen_version=3, actor="Chen")
        with pytest.raises(Refused, match="another person"):
            approvals.approve(connection, draft.id, actor=" ｃhen ")
        approvals.reject(connection, draft.id, actor="Lin", comment="没写清")
        approvals.submit(
            connection, draft.id, plan, **asking | {"seen_version": 4}, exemptions=[reason]
        )
        with pytest.raises(Conflict):
            approvals.approve(connection, draft.id, actor="Lin", seen_version=4)
        draft = approvals.approve(connection, draft.id, actor="Lin", seen_version=5)
        assert draft.status is DraftStatus.APPROVED
        second, first = approvals.submissions(connection, draft.id)
        draft = approvals.withdraw(connection, draft.id, actor="Chen")
        assert draft.status is DraftStatus.OPEN
        drafts.append_edit(connection, draft.id, rename(2), seen_version=7, actor="Chen")
        draft = approvals.cancel(connection, draft.id, actor="Wu")
        assert draft.status is DraftStatus.CANCELLED
        with pytest.raises(Refused, match="cancelled"):
            approvals.withdraw(connection, draft.id, actor="Chen")
    assert (first.decision, first.decided_by, first.comment) == ("rejected", "Lin", "没写清")
    assert (second.decision, second.exemptions) == ("approved", (reason,))
    assert [(row["check"], row["version"], row["count"]) for row in second.findings] == [
        ("contiguity", "1", 1), ("coverage", "2", 0),
    ]  # fmt: skip


def test_nothing_to_approve_and_nobody_to_ask(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series)
        with pytest.raises(Refused, match="no edits"):
            approvals.submit(
                connection, draft.id, plan, seen_version=1, actor="c", findings=[],
                check_versions={},
            )  # fmt: skip
        with pytest.raises(InputError, match="who you are"):
            drafts.create(connection, series, "x", actor=" ")
        with pytest.raises(InputError, match="name"):
            drafts.create(connection, series, "x" * 201, actor="chen")
        with pytest.raises(NotFound, match="no draft"):
            drafts.get(connection, 999)
        with pytest.raises(NotFound, match="no published revision"):
            drafts.create(connection, make_series(connection, "empty"), "x", actor="chen")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM draft_edit",
        "DELETE FROM draft_event",
        "DELETE FROM draft",
        "DELETE FROM submission",
        "TRUNCATE draft CASCADE",
        "UPDATE draft SET version = version + 2",
        "UPDATE draft SET created_by = 'x', version = version + 1",
        "UPDATE draft_edit SET summary = 'x'",
        "UPDATE draft_edit SET edit = '{}'",
        "UPDATE draft_event SET actor = 'x'",
        "UPDATE submission SET exemptions = '[1]'",
        "UPDATE submission SET decided_by = 'wu'",
    ],
)
def test_the_log_never_changes(database: Engine, statement: str) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        make_approved(connection, series, rename(1))
    with pytest.raises(Refused) as refusal, transaction(database) as connection:
        connection.execute(text(statement))
    assert refusal.value.data["sqlstate"] == "WG001"


def test_the_database_wants_a_second_person_too(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series, rename(1))
        approvals.submit(
            connection, draft.id, plan, seen_version=2, actor="chen", findings=[],
            check_versions={},
        )  # fmt: skip
    approve = "UPDATE submission SET decision = 'approved', decided_by = 'CHEN', decided_at = now()"
    with pytest.raises(InputError), transaction(database) as connection:
        connection.execute(text(approve))


def test_split_of_a_draft_keeps_the_ground(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series, split(5))
        [entry] = drafts.log(connection, draft.id)
    parts = [plan[each].geometry for each in entry.changed]
    whole = shapely.box(117.61, 26.21, 117.62, 26.22)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1e-15
