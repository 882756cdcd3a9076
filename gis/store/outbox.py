"""What do other systems still have to be told?

A message is written in the transaction of the change that it tells of, with one delivery for each
active subscriber: it exists exactly if the change does. It is delivered at least once; a receiver
knows a repetition by the id of the message. The order in which one subscriber gets messages is not
promised: one that failed comes later.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, Select, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gis.errors import InputError, NotFound
from gis.store import audit, tables
from gis.store.sessions import translating

OUTBOX_CHANNEL = "wangge_outbox"
"""Where new messages are announced, so that a sender need not ask all the time."""
MOST_ATTEMPTS = 12
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 3600.0
LEASE_S = 60.0
LONGEST_URL = 2000
SHORTEST_SECRET = 16
_LONGEST_ERROR = 500

_subscriber = tables.subscriber.c
_outbox = tables.outbox.c
_delivery = tables.delivery.c


class DeliveryState(StrEnum):
    """Whether a message still has to be sent; a dead one only if someone says so."""

    DUE = "due"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Another system; the secret signs what it is sent."""

    id: int
    url: str
    active: bool
    created_by: str
    created_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one subscriber."""

    id: int
    message_id: int
    subscriber_id: int
    url: str
    secret: str = field(repr=False)
    topic: str
    payload: Mapping[str, Any]
    created_at: datetime
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    last_error: str


def enqueue(connection: Connection, topic: str, payload: Mapping[str, Any]) -> int:
    """Write a message for all active subscribers in the caller's transaction; return its id."""
    with translating():
        message = insert(tables.outbox).values(topic=topic, payload=dict(payload))
        message_id: int = connection.execute(message.returning(_outbox.id)).scalar_one()
        to = select(literal(message_id), _subscriber.id).where(_subscriber.active)
        connection.execute(insert(tables.delivery).from_select(["outbox_id", "subscriber_id"], to))
        connection.execute(select(func.pg_notify(OUTBOX_CHANNEL, "")))
    return message_id


def subscribe(connection: Connection, url: str, secret: str, *, actor: str) -> Subscriber:
    """Make a system a subscriber, or give the one with this address another secret.

    Raises
    ------
    InputError
        The address is not one of http or https, or the secret is too short.
    """
    _check_url(url)
    if len(secret) < SHORTEST_SECRET:
        raise InputError(f"a secret needs at least {SHORTEST_SECRET} characters")
    values = {"url": url, "secret": secret, "created_by": actor}
    known = {"secret": secret, "active": True}
    query = (
        upsert(tables.subscriber)
        .values(values)
        .on_conflict_do_update(index_elements=["url"], set_=known)
        .returning(_subscriber.id)
    )
    with translating():
        subscriber_id = connection.execute(query).scalar_one()
        audit.record(connection, actor, "webhook.subscribe", url)
    return next(each for each in subscribers(connection) if each.id == subscriber_id)


def unsubscribe(connection: Connection, subscriber_id: int, *, actor: str) -> None:
    """Stop sending to a subscriber; what it has not got yet waits until it subscribes again."""
    query = (
        update(tables.subscriber)
        .where(_subscriber.id == subscriber_id)
        .values(active=False)
        .returning(_subscriber.url)
    )
    with translating():
        url = connection.execute(query).scalar_one_or_none()
        if url is None:
            raise NotFound(f"there is no subscriber {subscriber_id}", subscriber=subscriber_id)
        audit.record(connection, actor, "webhook.unsubscribe", url)


def subscribers(connection: Connection) -> list[Subscriber]:
    """Return all subscribers, also those that left."""
    query = select(
        _subscriber.id,
        _subscriber.url,
        _subscriber.active,
        _subscriber.created_by,
        _subscriber.created_at,
        _subscriber.secret,
    ).order_by(_subscriber.id)
    with translating():
        return [Subscriber(*row) for row in connection.execute(query)]


def claim_due(
    connection: Connection, limit: int = 20, *, lease_s: float = LEASE_S
) -> list[Delivery]:
    """Take deliveries that are due; commit, send, then record each.

    Nobody else gets them while the lease lasts. If nothing is recorded by then, they are due again.
    """
    now = func.clock_timestamp()
    due = (
        select(_delivery.id)
        .join(tables.subscriber, _subscriber.id == _delivery.subscriber_id)
        .where(
            _delivery.state == DeliveryState.DUE.value,
            _delivery.next_attempt_at <= now,
            _subscriber.active,
        )
        .order_by(_delivery.next_attempt_at)
        .limit(limit)
        .with_for_update(of=tables.delivery, skip_locked=True)
    )
    claim = (
        update(tables.delivery)
        .where(_delivery.id.in_(due.scalar_subquery()))
        .values(attempts=_delivery.attempts + 1, next_attempt_at=now + timedelta(seconds=lease_s))
        .returning(_delivery.id)
    )
    with translating():
        claimed = list(connection.execute(claim).scalars())
        query = _deliveries().where(_delivery.id.in_(claimed)).order_by(_delivery.id)
        return [_to_delivery(row) for row in connection.execute(query).mappings()]


def record_success(connection: Connection, delivery: Delivery) -> None:
    """Write down that the subscriber took the message."""
    values = {
        "state": DeliveryState.DELIVERED.value,
        "delivered_at": func.clock_timestamp(),
        "last_error": "",
    }
    with translating():
        connection.execute(
            update(tables.delivery).where(_delivery.id == delivery.id).values(values)
        )


def record_failure(
    connection: Connection, delivery: Delivery, error: str, *, most_attempts: int = MOST_ATTEMPTS
) -> DeliveryState:
    """Write down why a delivery failed; it is due again after a growing pause, or dead.

    The pause doubles with every attempt up to an hour, and half of it is left to chance, so that
    many deliveries to a system that was away do not all come back at once. What another sender
    recorded meanwhile is left as it is.
    """
    dead = delivery.attempts >= most_attempts
    state = DeliveryState.DEAD if dead else DeliveryState.DUE
    pause_s = choose_pause_s(delivery.attempts)
    values = {
        "state": state.value,
        "last_error": error[:_LONGEST_ERROR],
        "next_attempt_at": func.clock_timestamp() + timedelta(seconds=pause_s),
    }
    with translating():
        connection.execute(
            update(tables.delivery)
            .where(
                _delivery.id == delivery.id,
                _delivery.state == DeliveryState.DUE.value,
                _delivery.attempts == delivery.attempts,
            )
            .values(values)
        )
    return state


def choose_pause_s(attempts: int) -> float:
    """Return how long to wait after a number of failed attempts, in seconds."""
    longest = min(FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 30), LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - chance, not a secret


def retry(connection: Connection, delivery_id: int, *, actor: str) -> None:
    """Make a dead delivery due again, with all its attempts; NotFound if it is not dead."""
    query = (
        update(tables.delivery)
        .where(_delivery.id == delivery_id, _delivery.state == DeliveryState.DEAD.value)
        .values(state=DeliveryState.DUE.value, attempts=0, next_attempt_at=func.clock_timestamp())
        .returning(_delivery.id)
    )
    with translating():
        if connection.execute(query).first() is None:
            raise NotFound(f"there is no dead delivery {delivery_id}", delivery=delivery_id)
        audit.record(connection, actor, "webhook.retry", str(delivery_id))
        connection.execute(select(func.pg_notify(OUTBOX_CHANNEL, "")))


def deliveries(
    connection: Connection, *, state: DeliveryState | None = None, limit: int = 100
) -> list[Delivery]:
    """Return deliveries, the newest first; all, or those in one state."""
    query = _deliveries().order_by(_delivery.id.desc()).limit(limit)
    if state is not None:
        query = query.where(_delivery.state == state.value)
    with translating():
        return [_to_delivery(row) for row in connection.execute(query).mappings()]


def _deliveries() -> Select[Any]:
    return (
        select(
            _delivery.id,
            _delivery.outbox_id.label("message_id"),
            _delivery.subscriber_id,
            _subscriber.url,
            _subscriber.secret,
            _outbox.topic,
            _outbox.payload,
            _outbox.created_at,
            _delivery.state,
            _delivery.attempts,
            _delivery.next_attempt_at,
            _delivery.last_error,
        )
        .join_from(tables.delivery, tables.outbox)
        .join(tables.subscriber, _subscriber.id == _delivery.subscriber_id)
    )


def _to_delivery(row: RowMapping) -> Delivery:
    moments = {name: row[name].astimezone(UTC) for name in ("created_at", "next_attempt_at")}
    return Delivery(**{**row, **moments, "state": DeliveryState(row["state"])})


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        known = known and parts.username is None and parts.password is None
        known = known and parts.port != 0
    except ValueError:
        known = False
    if not known or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise InputError(
            "a webhook needs an address such as https://example.org/wangge, without a user or a "
            "password in it"
        )
