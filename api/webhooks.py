"""How do other systems hear of what was published?

A thread takes the deliveries that are due from the outbox and posts them, signed in the form of
Standard Webhooks: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``. What is not
answered with 2xx is tried again later; the outbox says when, and when to give up. Several server
processes share the work, since a delivery is lent to one at a time. The same thread does what falls
due by the clock: reports are routed anew once a scheduled revision comes into force.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Sequence

import httpx2
import structlog

from api.tasks.publishing import route_due
from api.tasks.workshop import Workshop
from gis.errors import InputError, WanggeError
from gis.store.outbox import Delivery, claim_due, record_failure, record_success

log = structlog.get_logger("wangge")

TIMEOUT_S = 10.0
PAUSE_S = 1.0
AT_ONCE = 5
"""So many are sent before the first of them would be lent to somebody else."""
SECRET_PREFIX = "whsec_"  # noqa: S105 (the form of a secret, not one)
_SECRET_BYTES = 32
_LONGEST_ANSWER = 200


def make_secret() -> str:
    """Return a new secret in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def check_secret(secret: str) -> str:
    """Return a secret as it is, or refuse one that is not in the form of Standard Webhooks.

    Raises
    ------
    InputError
        The secret is not ``whsec_`` and base64 of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise InputError(f"a webhook's secret is {SECRET_PREFIX} and base64 of 24 to 64 bytes")
    return secret


def sign(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Return the value of ``webhook-signature``; the secret is one that was checked.

    Examples
    --------
    >>> sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...      '{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


class Messenger:
    """Sends what is due, and does what falls due by the clock."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def start(self, stop: threading.Event) -> threading.Thread:
        """Work in a thread of its own until ``stop`` is set."""
        thread = threading.Thread(target=self._run, args=(stop,), name="messenger", daemon=True)
        thread.start()
        return thread

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(PAUSE_S):
            try:
                self.work()
            except WanggeError as error:
                log.warning("messages-wait", reason=error.message)
            except Exception:
                log.exception("messenger-failed")

    def work(self) -> None:
        """Route reports of revisions whose date has come, and send what is due."""
        for routed in route_due(self._workshop):
            log.info("reports-routed", revision=routed.revision_id, routed=routed.routed)
        with self._workshop.open() as connection:
            due = claim_due(connection, AT_ONCE)
        faults = asyncio.run(send_all(due)) if due else []
        for delivery, fault in zip(due, faults, strict=True):
            with self._workshop.open() as connection:
                if fault is None:
                    record_success(connection, delivery)
                else:
                    state = record_failure(connection, delivery, fault)
                    log.warning("webhook-failed", url=delivery.url, why=fault, state=state.value)


async def send_all(due: Sequence[Delivery]) -> list[str | None]:
    """Post messages at the same time; return for each what went wrong, or None."""
    async with httpx2.AsyncClient(
        timeout=TIMEOUT_S, follow_redirects=False, trust_env=False
    ) as client:
        return await asyncio.gather(*(send(client, delivery) for delivery in due))


async def send(client: httpx2.AsyncClient, delivery: Delivery) -> str | None:
    """Post a message to its subscriber; return what went wrong, or None."""
    message_id = f"msg_{delivery.message_id}"
    body = json.dumps(
        {
            "type": delivery.topic,
            "timestamp": delivery.created_at.isoformat(),
            "data": delivery.payload,
        },
        ensure_ascii=False,
    )
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "wangge",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(delivery.secret, message_id, now, body),
    }
    try:
        # The body of the answer is not read: only its status counts.
        # Whoever answers byte by byte keeps within every timeout but that of the whole.
        async with (
            asyncio.timeout(TIMEOUT_S),
            client.stream("POST", delivery.url, content=body.encode(), headers=headers) as answer,
        ):
            return None if answer.is_success else f"answered {answer.status_code}"
    except TimeoutError:
        return f"not answered within {TIMEOUT_S:g} s"
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OverflowError, OSError) as error:
        return f"{type(error).__name__}: {error}"[:_LONGEST_ANSWER]
