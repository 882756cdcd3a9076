"""Messages exist exactly if the change does, are claimed by one sender, and end up somewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from gis.errors import InputError, NotFound, WanggeError
from gis.store import outbox
from gis.store.outbox import DeliveryState
from gis.store.sessions import open_engine, transaction

SECRET = "0123456789abcdef"  # noqa: S105 - of nothing


def subscribe(connection: Connection, *hosts: str) -> None:
    """Subscribe some hosts."""
    for host in hosts:
        outbox.subscribe(connection, f"https://{host}/hook", SECRET, actor="lin")


def make_due(connection: Connection) -> None:
    """Let all pauses and leases end."""
    connection.execute(text("UPDATE delivery SET next_attempt_at = now() - interval '1 s'"))


def test_a_message_goes_to_all_who_subscribed_before(database: Engine) -> None:
    with transaction(database) as connection:
        subscribe(connection, "a", "b", "gone")
        gone = outbox.subscribers(connection)[2]
        outbox.unsubscribe(connection, gone.id, actor="lin")
        message_id = outbox.enqueue(connection, "revision.published", {"revision": 7})
        subscribe(connection, "late")
    with transaction(database) as connection:
        claimed = outbox.claim_due(connection)
        assert outbox.claim_due(connection) == []
    assert [(each.url, each.message_id, each.attempts) for each in claimed] == [
        ("https://a/hook", message_id, 1), ("https://b/hook", message_id, 1),
    ]  # fmt: skip
    assert claimed[0].payload == {"revision": 7}
    assert SECRET not in repr(claimed[0])


def test_a_change_that_fails_sends_nothing(database: Engine) -> None:
    with transaction(database) as connection:
        subscribe(connection, "a")
    with pytest.raises(WanggeError), transaction(database) as connection:
        outbox.enqueue(connection, "x", {})
        raise WanggeError("something later fails")
    with transaction(database) as connection:
        assert outbox.claim_due(connection) == []


def test_failures_pause_longer_and_longer_then_it_is_dead_and_can_be_retried(
    database: Engine,
) -> None:
    with transaction(database) as connection:
        subscribe(connection, "a")
        outbox.enqueue(connection, "x", {})
        pauses = []
        for attempt in range(1, 4):
            make_due(connection)
            [delivery] = outbox.claim_due(connection)
            assert delivery.attempts == attempt
            state = outbox.record_failure(connection, delivery, "503 " + "x" * 999, most_attempts=3)
            pauses.append(outbox.choose_pause_s(attempt))
        assert state is DeliveryState.DEAD
        make_due(connection)
        assert outbox.claim_due(connection) == []
        [dead] = outbox.deliveries(connection, state=DeliveryState.DEAD)
        assert dead.last_error.startswith("503 x")
        outbox.retry(connection, dead.id, actor="lin")
        with pytest.raises(NotFound):
            outbox.retry(connection, dead.id, actor="lin")
        [delivery] = outbox.claim_due(connection)
        outbox.record_success(connection, delivery)
        # A slow sender that only now reports its failure takes nothing back.
        outbox.record_failure(connection, dead, "late")
        [done] = outbox.deliveries(connection)
    assert (done.state, done.last_error) == (DeliveryState.DELIVERED, "")
    for attempt, pause_s in enumerate(pauses):
        assert 2.5 * 2**attempt <= pause_s <= 5.0 * 2**attempt
    assert outbox.choose_pause_s(1000) <= outbox.LONGEST_PAUSE_S


def test_a_sender_that_dies_loses_nothing(database: Engine) -> None:
    with transaction(database) as connection:
        subscribe(connection, "a")
        outbox.enqueue(connection, "x", {})
        outbox.claim_due(connection, lease_s=0.0)
    with transaction(database) as connection:
        [again] = outbox.claim_due(connection)
    assert again.attempts == 2


def test_many_senders_claim_each_delivery_once(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=8)
    with transaction(engine) as connection:
        subscribe(connection, "a", "b")
        for number in range(50):
            outbox.enqueue(connection, "x", {"number": number})

    def claim_all(_: int) -> list[int]:
        found: list[int] = []
        while True:
            with transaction(engine) as connection:
                claimed = [each.id for each in outbox.claim_due(connection, 7)]
            if not claimed:
                return found
            found += claimed

    with ThreadPoolExecutor(8) as pool:
        found = [each for some in pool.map(claim_all, range(8)) for each in some]
    engine.dispose()
    assert len(found) == len(set(found)) == 100


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b", "https://", "https://u:p@a/b", "a/b", "https://a/b c", "https://[a"]
)
def test_addresses_that_nobody_can_send_to(database: Engine, url: str) -> None:
    with transaction(database) as connection:
        with pytest.raises(InputError, match="address"):
            outbox.subscribe(connection, url, SECRET, actor="lin")
        with pytest.raises(InputError, match="secret"):
            outbox.subscribe(connection, "https://a/b", "short", actor="lin")
