"""Who changed what, and when? The table only grows; the database refuses anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis.store import tables
from gis.store.sessions import translating


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: ``actor`` did ``action`` to ``subject``."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(
    connection: Connection,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down a change, in the same transaction as the change itself.

    Parameters
    ----------
    actor, action, subject
        Such as ``"cli:chen"``, ``"plan.publish"``, ``"meilie"``.
    detail
        Facts that JSON can hold.
    """
    values = {"actor": actor, "action": action, "subject": subject, "detail": dict(detail or {})}
    with translating():
        connection.execute(insert(tables.audit).values(values))


def entries(
    connection: Connection,
    *,
    subject: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[Entry]:
    """Return the newest entries first, at most ``limit``, all or those of one subject."""
    audit = tables.audit.c
    query = select(audit.at, audit.actor, audit.action, audit.subject, audit.detail)
    if subject is not None:
        query = query.where(audit.subject == subject)
    if since is not None:
        query = query.where(audit.at >= since)
    with translating():
        rows = connection.execute(query.order_by(audit.id.desc()).limit(limit)).all()
    return [Entry(at.astimezone(UTC), *rest) for at, *rest in rows]
