"""A publish is whole or not at all; before its date it can be cancelled, after it rolled back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from gis.errors import Conflict, InputError, NotFound, Refused, WanggeError
from gis.plan.drafts import Change, DraftStatus
from gis.plan.edits.model import Merge
from gis.plan.lineage import LineageRow, trace_lineage
from gis.plan.model import Plan
from gis.store import approvals, audit, drafts, lineage, outbox, plans, publishing
from gis.store.drafts import Draft
from gis.store.plans import Series
from gis.store.reports import copy_reports
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import nine_grids, publish_nine_grids, reports
from tests.store.editing import code, make_approved, make_draft, rename, renumber

TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


def fingerprints(connection: Connection, series: Series) -> list[tuple[int, str, str]]:
    """Return id, stored and real fingerprint of every published revision."""
    stored = {each.id: each.fingerprint for each in plans.revision_summaries(connection, series)}
    return [
        (revision.id, stored[revision.id], revision.plan.fingerprint)
        for revision in plans.load_revisions(connection, series)
    ]


def publish_at_once(connection: Connection, series: Series, *edits: object) -> int:
    """Publish a draft with some edits from now on; return the revision."""
    draft, plan = make_approved(connection, series, *edits)
    return publishing.publish_draft(connection, draft.id, plan, actor="lin").id


def test_an_approved_draft_comes_into_force_with_all_that_belongs_to_it(
    database: Engine, postgis: psycopg.Connection
) -> None:
    postgis.autocommit = True
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        outbox.subscribe(connection, "https://example.org/hook", "s" * 16, actor="lin")
        draft, plan = make_approved(connection, series, Merge(codes=(code(1), code(2))))
    postgis.execute(f"LISTEN {plans.REVISION_CHANNEL}")
    with transaction(database) as connection:
        base = plans.load_plan(connection, draft.base)
        rows = trace_lineage(base, plan, metric_srid=series.metric_srid)
        made = publishing.publish_draft(connection, draft.id, plan, lineage=rows, actor="Lin")
        assert list(postgis.notifies(timeout=0.1)) == []
    assert [each.payload for each in postgis.notifies(timeout=5, stop_after=1)] == ["meilie"]
    with transaction(database) as connection:
        first, second = plans.load_revisions(connection, series)
        assert first.effective_to == second.effective_from == made.effective_from
        assert datetime.now(UTC) - timedelta(minutes=1) < second.effective_from
        assert second.plan.grids == plan.grids
        assert (made.origin, made.draft_id) == ("draft", draft.id)
        after = drafts.get(connection, draft.id)
        assert (after.status, after.revision_id) == (DraftStatus.IN_FORCE, second.id)
        assert lineage.load_lineage(connection, second.id) == rows
        newest, *_ = audit.entries(connection, subject="meilie")
        [message] = outbox.deliveries(connection)
        assert drafts.current_plan(connection, after).fingerprint == plan.fingerprint
    assert (newest.actor, newest.action, newest.detail["draft"]) == (
        "Lin", "plan.publish", draft.id,
    )  # fmt: skip
    assert (message.topic, message.payload["revision"]) == ("revision.published", second.id)


def test_only_what_was_approved_is_published(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_draft(connection, series, rename(1))
        with pytest.raises(Refused, match="approved"):
            publishing.publish_draft(connection, draft.id, plan, actor="lin")
        draft, plan = make_approved(connection, series, rename(2))
        with pytest.raises(Conflict, match="not the plan that was approved"):
            publishing.publish_draft(connection, draft.id, nine_grids("x"), actor="lin")
        publishing.publish_draft(connection, draft.id, plan, actor="lin")
        with pytest.raises(Conflict, match="was published as revision"):
            publishing.publish_draft(connection, draft.id, plan, actor="lin")
        with pytest.raises(Refused, match="in force"):
            approvals.cancel(connection, draft.id, actor="lin")


@pytest.mark.parametrize("days", [-400, -1])
def test_history_is_not_rewritten(database: Engine, days: int) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_approved(connection, series, rename(1))
        past = datetime.now(UTC) + timedelta(days=days)
        with pytest.raises(Refused, match="history is not rewritten"):
            publishing.publish_draft(connection, draft.id, plan, effective_from=past, actor="l")
        with pytest.raises(InputError, match="time zone"):
            publishing.publish_draft(
                connection, draft.id, plan, effective_from=datetime(2030, 1, 1), actor="l"  # noqa: DTZ001, RUF100
            )  # fmt: skip
        now = datetime.now(UTC) - timedelta(seconds=2)
        made = publishing.publish_draft(connection, draft.id, plan, effective_from=now, actor="l")
        assert made.effective_from is not None
        assert made.effective_from > now


def test_a_retired_code_is_not_used_again(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        publish_at_once(connection, series, renumber(1, 71))
        assert code(1) in lineage.used_codes(connection, series.id)
        draft, _ = make_draft(connection, series)
        with pytest.raises(Refused, match=code(1)):
            drafts.append_edit(connection, draft.id, renumber(2, 1), seen_version=1, actor="chen")
        # An edit made before the code was retired is stopped at the last gate.
        plan = nine_grids()
        with pytest.raises(Refused, match="never used again"):
            _publish_unchecked(connection, series, draft, plan)


def _publish_unchecked(connection: Connection, series: Series, draft: Draft, plan: Plan) -> None:
    drafts.append_edit(connection, draft.id, rename(9), seen_version=1, actor="chen")
    approvals.submit(
        connection, draft.id, plan, seen_version=2, actor="chen", findings=[], check_versions={}
    )
    approvals.approve(connection, draft.id, actor="lin")
    publishing.publish_draft(connection, draft.id, plan, actor="lin")


def test_stale_draft_is_told_to_rebase_and_can_be_published_then(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        stale, plan = make_approved(connection, series, rename(3, "三"))
        latest = publish_at_once(
            connection, series, rename(4, "四"), Merge(codes=(code(1), code(2)))
        )
    with transaction(database) as connection, pytest.raises(Conflict, match="rebase") as conflict:
        publishing.publish_draft(connection, stale.id, plan, actor="lin")
    assert conflict.value.data["latest"] == latest
    with transaction(database) as connection:
        draft = approvals.withdraw(connection, stale.id, actor="chen")
        changed = drafts.rebase_onto(connection, draft.id, seen_version=draft.version, actor="chen")
        assert changed.draft.base_revision_id == latest
        assert (changed.plan[code(3)].name, changed.plan[code(4)].name) == ("三", "四")
        approvals.submit(
            connection, draft.id, changed.plan, seen_version=changed.draft.version, actor="chen",
            findings=[], check_versions={},
        )  # fmt: skip
        approvals.approve(connection, draft.id, actor="lin")
        publishing.publish_draft(connection, draft.id, changed.plan, actor="lin")
        assert len(plans.load_revisions(connection, series)) == 3


def test_rebase_names_or_drops_what_cannot_be_kept(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, before = make_draft(connection, series, rename(1, "一"), rename(3, "三"))
        publish_at_once(connection, series, rename(1, "甲"))
        with pytest.raises(Conflict) as conflict:
            drafts.rebase_onto(connection, draft.id, seen_version=3, actor="chen")
        assert conflict.value.data["grids"] == [code(1)]
        changed = drafts.rebase_onto(
            connection, draft.id, seen_version=3, actor="chen", drop_conflicts=True
        )
        assert [entry.summary for entry in changed.conflicts] == [f"rename {code(1)} to 一"]
        assert (changed.plan[code(1)].name, changed.plan[code(3)].name) == ("甲", "三")
        assert drafts.plan_at(connection, changed.draft, 3).fingerprint == before.fingerprint
        undone = drafts.undo(connection, draft.id, seen_version=4, actor="chen")
        assert (
            undone.plan.fingerprint == plans.load_plan(connection, changed.draft.base).fingerprint
        )


def test_a_scheduled_revision_can_be_cancelled_until_its_date(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        before = fingerprints(connection, series)
        draft, plan = make_approved(connection, series, renumber(1, 71))
        made = publishing.publish_draft(
            connection, draft.id, plan, effective_from=TOMORROW, actor="lin"
        )
        assert drafts.get(connection, draft.id).status is DraftStatus.SCHEDULED
        copy_reports(connection, series, "x", [_reports_of_next_year(connection, made.id)])
    with transaction(database) as connection:
        basis = drafts.create(connection, series, "下一稿", actor="chen")
        with pytest.raises(Refused, match="下一稿"):
            publishing.cancel_scheduled(connection, series, made.id, actor="lin")
        approvals.cancel(connection, basis.id, actor="chen")
        back = publishing.cancel_scheduled(connection, series, made.id, actor="lin")
        assert back is not None
        assert back.effective_to is None
    with transaction(database) as connection:
        assert fingerprints(connection, series) == before
        assert drafts.get(connection, draft.id).status is DraftStatus.APPROVED
        assert drafts.events_since(connection, draft.id)[-1].what is Change.UNSCHEDULED
        assert drafts.get(connection, basis.id).base_revision_id is None
        with pytest.raises(NotFound, match=f"no revision {made.id}"):
            drafts.clone(connection, basis.id, "副本", actor="lin")
        rows = connection.execute(
            text("SELECT external_id, grid_id, position FROM report ORDER BY 1")
        ).all()
        assert rows == [("a", ids[code(1)], "located"), ("b", None, "outside")]
        again = publishing.publish_draft(connection, draft.id, plan, actor="lin")
        with pytest.raises(Refused, match="roll back"):
            publishing.cancel_scheduled(connection, series, again.id, actor="lin")
        with pytest.raises(NotFound):
            publishing.cancel_scheduled(connection, series, made.id, actor="lin")


def _reports_of_next_year(connection: Connection, revision_id: int):
    grid = plans.grid_ids(connection, revision_id)[code(71)]
    at = (TOMORROW + timedelta(days=100)).isoformat()
    return reports(
        [
            {"external_id": "a", "occurred_at": at, "grid_id": grid, "position": "located"},
            {"external_id": "b", "occurred_at": at, "lon": 118.0},
        ]
    )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM revision WHERE lower_inf(valid)",
        "UPDATE revision SET valid = tstzrange(lower(valid), NULL) WHERE lower_inf(valid)",
        "UPDATE revision SET note = 'x' WHERE upper_inf(valid)",
        "UPDATE revision SET valid = NULL WHERE upper_inf(valid)",
        "UPDATE revision SET routed_at = now() WHERE upper_inf(valid)",
        "DELETE FROM grid",
        "DELETE FROM lineage",
        "UPDATE lineage SET kind = 'moved'",
        "UPDATE outbox SET topic = 'x'",
        "TRUNCATE report_route",
    ],
)
def test_scheduling_opens_no_other_door_to_history(database: Engine, statement: str) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_approved(connection, series, rename(1))
        row = LineageRow(plan[code(1)].level, code(1), code(1), "same", 1.0, 1.0)
        publishing.publish_draft(
            connection, draft.id, plan, effective_from=TOMORROW, lineage=[row], actor="lin"
        )
    with pytest.raises(WanggeError) as refusal, transaction(database) as connection:
        connection.execute(text(statement))
    assert refusal.value.data["sqlstate"] in ("WG001", "23P01")


def test_what_has_begun_while_it_was_being_cancelled_stays(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        draft, plan = make_approved(connection, series, rename(1))
    soon = datetime.now(UTC) + timedelta(seconds=3)
    with transaction(database) as connection:
        made = publishing.publish_draft(
            connection, draft.id, plan, effective_from=soon, actor="lin"
        )
    wait = text("SELECT pg_sleep(extract(epoch FROM :soon - clock_timestamp()) + 0.05)")
    with pytest.raises(Refused, match="meanwhile"), transaction(database) as connection:
        publishing.cancel_scheduled(connection, series, made.id, actor="lin")
        connection.execute(wait, {"soon": soon})
    with transaction(database) as connection:
        assert len(plans.load_revisions(connection, series)) == 2
        assert drafts.get(connection, draft.id).status is DraftStatus.IN_FORCE


def test_a_rollback_is_a_new_revision_with_the_old_ground(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        [(first, _, fingerprint)] = fingerprints(connection, series)
        publish_at_once(connection, series, renumber(1, 71), Merge(codes=(code(2), code(3))))
        before = fingerprints(connection, series)
        made = publishing.roll_back(connection, series, first, actor="lin")
        assert (made.origin, made.restored_id, made.fingerprint) == ("rollback", first, fingerprint)
        assert fingerprints(connection, series) == [*before, (made.id, fingerprint, fingerprint)]
        with pytest.raises(Refused, match="already"):
            publishing.roll_back(connection, series, made.id, actor="lin")
        with pytest.raises(NotFound):
            publishing.roll_back(connection, series, 999, actor="lin")
        publish_at_once(connection, series, renumber(1, 72))


def test_of_sixteen_publishes_on_one_base_one_succeeds(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=16)
    with transaction(engine) as connection:
        series, _ = publish_nine_grids(connection)
        ready = [make_approved(connection, series, rename(1, f"n{n}")) for n in range(16)]
    start = threading.Barrier(16)

    def publish(number: int) -> str:
        draft, plan = ready[number]
        start.wait()
        try:
            with transaction(engine) as connection:
                publishing.publish_draft(connection, draft.id, plan, actor="lin")
        except Conflict as error:
            return f"{error.code}: {'rebase' in error.message}"
        return "published"

    with ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(publish, range(16)))
    with transaction(engine) as connection:
        assert len(plans.load_revisions(connection, series)) == 2
    engine.dispose()
    assert outcomes == ["conflict: True"] * 15 + ["published"]


def test_a_reader_in_a_loop_never_sees_a_mixture(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=4)
    with transaction(engine) as connection:
        series, _ = publish_nine_grids(connection)
    stop = threading.Event()

    def read() -> Iterator[str]:
        while not stop.is_set():
            with transaction(engine) as connection:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                rows = fingerprints(connection, series)
                revisions = plans.load_revisions(connection, series)
            assert all(stored == real for _, stored, real in rows)
            assert all(
                earlier.effective_to == later.effective_from
                for earlier, later in pairwise(revisions)
            )
            assert revisions[-1].effective_to is None
            names = {grid.name for grid in revisions[-1].plan if grid.level == "grid"}
            assert len({name[0] for name in names}) == 1, names
            yield names.pop()[0]

    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(lambda: list(read()))
        for word in "甲乙丙丁戊己庚辛":
            with transaction(engine) as connection:
                edits = [rename(number, f"{word}{number}") for number in range(1, 10)]
                publish_at_once(connection, series, *edits)
        stop.set()
        words = seen.result()
    engine.dispose()
    assert sorted(words, key="网甲乙丙丁戊己庚辛".index) == words


def test_successors_go_through_several_revisions(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        for edit in (Merge(codes=(code(1), code(2))), renumber(1, 71), rename(9)):
            draft, plan = make_approved(connection, series, edit)
            base = plans.load_plan(connection, draft.base)
            rows = trace_lineage(base, plan, metric_srid=series.metric_srid)
            publishing.publish_draft(connection, draft.id, plan, lineage=rows, actor="lin")
        [heir] = lineage.successors(connection, series, code(2))
        assert (heir.to_code, round(heir.area_share_from, 6)) == (code(71), 1.0)
        assert round(heir.area_share_to, 2) == 0.5
        [same] = lineage.successors(connection, series, code(9))
        assert (same.to_code, same.kind) == (code(9), "same")
        with pytest.raises(NotFound, match="ever had"):
            lineage.successors(connection, series, "x")
