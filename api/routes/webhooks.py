"""Which systems are told of what is published, and what could not be told?"""

from __future__ import annotations

from fastapi import APIRouter

from api.answers.draft_schemas import DeadLetter, NewWebhook, WebhookAnswer
from api.principal import Asker
from api.routes.asked import OurWorkshop, RevisionId
from api.webhooks import check_secret, make_secret
from gis.store import outbox
from gis.store.outbox import DeliveryState, Subscriber

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


@router.get("", summary="The systems that are told")
def list_webhooks(workshop: OurWorkshop, _: Asker) -> list[WebhookAnswer]:
    """Return all subscribers, also those that left; never their secrets."""
    with workshop.open() as connection:
        return [_tell(each) for each in outbox.subscribers(connection)]


@router.post("", status_code=201, summary="Tell a system of what is published")
def subscribe(body: NewWebhook, workshop: OurWorkshop, asker: Asker) -> WebhookAnswer:
    """Send every message to an address from now on, signed with a secret that is told once."""
    secret = check_secret(body.secret) if body.secret else make_secret()
    with workshop.open() as connection:
        subscriber = outbox.subscribe(connection, body.url, secret, actor=asker.name)
    answer = _tell(subscriber)
    answer.secret = secret
    return answer


@router.get("/dead", summary="Messages that could not be delivered")
def list_dead(workshop: OurWorkshop, _: Asker) -> list[DeadLetter]:
    """Return the messages that were given up, the newest first."""
    with workshop.open() as connection:
        return [
            DeadLetter(
                id=each.id,
                message=f"msg_{each.message_id}",
                url=each.url,
                topic=each.topic,
                attempts=each.attempts,
                last_error=each.last_error,
                created_at=each.created_at,
            )
            for each in outbox.deliveries(connection, state=DeliveryState.DEAD, limit=1000)
        ]


@router.post("/dead/{delivery_id}/retry", status_code=204, summary="Try again")
def retry(delivery_id: RevisionId, workshop: OurWorkshop, asker: Asker) -> None:
    """Make a message that was given up due again, with all its attempts."""
    with workshop.open() as connection:
        outbox.retry(connection, delivery_id, actor=asker.name)


@router.delete("/{webhook_id}", status_code=204, summary="Tell a system no more")
def unsubscribe(webhook_id: RevisionId, workshop: OurWorkshop, asker: Asker) -> None:
    """Stop sending; what it has not got waits until it subscribes again."""
    with workshop.open() as connection:
        outbox.unsubscribe(connection, webhook_id, actor=asker.name)


def _tell(subscriber: Subscriber) -> WebhookAnswer:
    return WebhookAnswer(
        id=subscriber.id,
        url=subscriber.url,
        active=subscriber.active,
        created_by=subscriber.created_by,
        created_at=subscriber.created_at,
    )
