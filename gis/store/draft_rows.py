"""How are a draft, its log and its events kept in rows?

All changes of a draft go through :func:`change`: it makes the draft one version older and writes
the event, the audit entry and the announcement with it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, insert, select, update

from gis.errors import Conflict, InputError, NotFound, Refused
from gis.plan.drafts import Change, DraftState, DraftStatus, EntryState, Event, LogEntry
from gis.plan.edits.model import read_edit
from gis.store import audit, tables
from gis.store.sessions import translating

DRAFT_CHANNEL = "wangge_draft"
"""Where every change of a draft is announced; the payload is ``{"draft": id, "version": n}``."""
LONGEST_NAME = 200

_draft = tables.draft.c
_edit = tables.draft_edit.c
_event = tables.draft_event.c
_revision = tables.revision.c
_series = tables.series.c


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan being edited; ``revision_id`` is what it was published as, once it was.

    ``series`` is the name of its series. ``base_revision_id`` is None only for a cancelled draft
    whose base was cancelled too.
    """

    id: int
    series_id: int
    series: str
    base_revision_id: int | None
    name: str
    status: DraftStatus
    version: int
    locked: frozenset[str]
    created_by: str
    created_at: datetime
    revision_id: int | None = None

    @property
    def base(self) -> int:
        """The base revision's id, or Refused where the base is gone."""
        if self.base_revision_id is None:
            raise Refused(f"the base of draft {self.id} was cancelled, and the draft with it")
        return self.base_revision_id


def read_drafts(
    connection: Connection,
    *,
    series_id: int | None = None,
    draft_id: int | None = None,
    for_update: bool = False,
) -> list[Draft]:
    """Return drafts, the newest first; a published one is in force once its date has come."""
    begun = func.coalesce(func.lower(_revision.valid) <= func.clock_timestamp(), False)
    status = case((begun, DraftStatus.IN_FORCE.value), else_=_draft.status)
    query = (
        select(
            tables.draft,
            _series.name.label("series"),
            _revision.id.label("revision_id"),
            status.label("now"),
        )
        .join_from(tables.draft, tables.series, _series.id == _draft.series_id)
        .outerjoin(tables.revision, _revision.draft_id == _draft.id)
        .order_by(_draft.id.desc())
    )
    if series_id is not None:
        query = query.where(_draft.series_id == series_id)
    if draft_id is not None:
        query = query.where(_draft.id == draft_id)
    if for_update:
        query = query.with_for_update(key_share=True, of=tables.draft)
    with translating():
        return [_to_draft(row) for row in connection.execute(query).mappings()]


def _to_draft(row: RowMapping) -> Draft:
    return Draft(
        id=row["id"],
        series_id=row["series_id"],
        series=row["series"],
        base_revision_id=row["base_revision_id"],
        name=row["name"],
        status=DraftStatus(row["now"]),
        version=row["version"],
        locked=frozenset(row["locked"]),
        created_by=row["created_by"],
        created_at=row["created_at"].astimezone(UTC),
        revision_id=row["revision_id"],
    )


def get(connection: Connection, draft_id: int, *, for_update: bool = False) -> Draft:
    """Return a draft, or raise NotFound; ``for_update`` keeps others from changing it."""
    found = read_drafts(connection, draft_id=draft_id, for_update=for_update)
    if not found:
        raise NotFound(f"there is no draft {draft_id}", draft=draft_id)
    return found[0]


def require(draft: Draft, *statuses: DraftStatus, to: str) -> None:
    """Raise Refused unless a draft has one of some statuses."""
    if draft.status not in statuses:
        raise Refused(
            f"draft {draft.id} ({draft.name}) is {draft.status.replace('_', ' ')}; to {to} it must "
            f"be {' or '.join(statuses)}",
            draft=draft.id,
            status=draft.status.value,
        )


def require_version(draft: Draft, seen_version: int) -> None:
    """Raise Conflict unless a version is the newest of a draft."""
    if seen_version != draft.version:
        raise Conflict(
            f"draft {draft.id} is at version {draft.version}, you looked at {seen_version}; look "
            "again",
            version=draft.version,
        )


def clean_person(name: str) -> str:
    """Return a person's name in one writing, or raise InputError if nobody is named.

    Examples
    --------
    >>> clean_person(" Ｃhen  Li ")
    'Chen Li'
    """
    return clean_name(name, what="say who you are: a person's name")


def clean_name(name: str, *, what: str = "a draft needs a name") -> str:
    """Return a name in one writing, or raise InputError if it is empty or too long."""
    clean = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 0 < len(clean) <= LONGEST_NAME or not clean.isprintable():
        raise InputError(f"{what} of 1 to {LONGEST_NAME} printable characters; not {clean[:40]!r}")
    return clean


def change(
    connection: Connection,
    draft: Draft,
    what: Change,
    *,
    actor: str,
    summary: str = "",
    entry_id: int | None = None,
    changed: Collection[str] = (),
    state: DraftState | None = None,
    detail: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Draft:
    """Write a change of a draft down, and announce it.

    Parameters
    ----------
    draft
        As its locked row is.
    values
        Other columns of the draft that change with it.
    """
    person = clean_person(actor)
    version = draft.version + 1
    with translating():
        connection.execute(
            update(tables.draft)
            .where(_draft.id == draft.id)
            .values(version=version, **dict(values or {}))
        )
    write_event(
        connection, draft.id, version, what, actor=person, summary=summary, entry_id=entry_id,
        changed=changed, state=state, detail=detail,
    )  # fmt: skip
    told = {"draft": draft.id, "version": version, "summary": summary, **dict(detail or {})}
    audit.record(connection, person, f"draft.{what}", draft.series, told)
    return get(connection, draft.id)


def write_event(
    connection: Connection,
    draft_id: int,
    version: int,
    what: Change,
    *,
    actor: str,
    summary: str = "",
    entry_id: int | None = None,
    changed: Collection[str] = (),
    state: DraftState | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an event and announce it."""
    told = dict(detail or {})
    if state is not None:
        told["state"] = {"base": state.base_revision_id, "entries": list(state.entry_ids)}
    values = {
        "draft_id": draft_id,
        "version": version,
        "what": what.value,
        "entry_id": entry_id,
        "changed": sorted(changed),
        "summary": summary,
        "detail": told,
        "actor": actor,
    }
    payload = json.dumps({"draft": draft_id, "version": version})
    with translating():
        connection.execute(insert(tables.draft_event).values(values))
        connection.execute(select(func.pg_notify(DRAFT_CHANNEL, payload)))


def events_since(connection: Connection, draft_id: int, version: int = 0) -> list[Event]:
    """Return what happened to a draft after a version, in order."""
    query = (
        select(tables.draft_event)
        .where(_event.draft_id == draft_id, _event.version > version)
        .order_by(_event.version)
    )
    with translating():
        return [_to_event(row) for row in connection.execute(query).mappings()]


def _to_event(row: RowMapping) -> Event:
    state = row["detail"].get("state")
    return Event(
        version=row["version"],
        what=Change(row["what"]),
        changed=frozenset(row["changed"]),
        summary=row["summary"],
        actor=row["actor"],
        at=row["at"].astimezone(UTC),
        entry_id=row["entry_id"],
        state=DraftState(state["base"], tuple(state["entries"])) if state else None,
    )


def log(connection: Connection, draft_id: int) -> list[LogEntry]:
    """Return all edits of a draft in order, with those that were undone or dropped."""
    query = select(tables.draft_edit).where(_edit.draft_id == draft_id).order_by(_edit.number)
    with translating():
        return [_to_entry(row) for row in connection.execute(query).mappings()]


def _to_entry(row: RowMapping) -> LogEntry:
    return LogEntry(
        id=row["id"],
        number=row["number"],
        edit=read_edit(row["edit"]),
        changed=frozenset(row["changed"]),
        state=EntryState(row["state"]),
        actor=row["actor"],
        at=row["at"].astimezone(UTC),
        summary=row["summary"],
    )


def append_entries(
    connection: Connection, draft_id: int, rows: Collection[Mapping[str, Any]]
) -> list[LogEntry]:
    """Write edits at the end of the log, in order: edit, changed, summary, actor of each."""
    if not rows:
        return []
    with translating():
        last = connection.execute(
            select(func.coalesce(func.max(_edit.number), 0)).where(_edit.draft_id == draft_id)
        ).scalar_one()
        values = [
            {"draft_id": draft_id, "number": last + step, **row}
            for step, row in enumerate(rows, start=1)
        ]
        query = insert(tables.draft_edit).returning(tables.draft_edit)
        made = [_to_entry(row) for row in connection.execute(query, values).mappings()]
    return sorted(made, key=lambda entry: entry.number)


def set_states(connection: Connection, entry_ids: Collection[int], state: EntryState) -> None:
    """Set whether edits of the log are applied, undone or dropped."""
    if entry_ids:
        with translating():
            connection.execute(
                update(tables.draft_edit).where(_edit.id.in_(entry_ids)).values(state=state.value)
            )
