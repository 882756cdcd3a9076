"""``wangge plan draft submit|approve|publish …``: how does a draft get into force?"""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.draft_output import (
    newest_version,
    read_exemption,
    tell_published,
    tell_state,
)
from api.commands.findings import print_findings
from api.commands.opening import DraftId, Person, at_work, name_person
from api.commands.output import AsJson
from api.dates import parse_instant
from api.settings import Settings
from api.tasks import publishing, submitting
from gis.store import approvals

Comment = Annotated[str, typer.Option("--reason", help="Kept in the record.")]


def submit(
    draft: DraftId,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="CHECK=REASON; may be repeated.")
    ] = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Run all checks and ask for approval."""
    exemptions = [read_exemption(text) for text in accept or ()]
    with at_work(Settings()) as workshop:
        done = submitting.submit(
            workshop,
            draft,
            seen_version=newest_version(workshop, draft),
            actor=name_person(person),
            exemptions=exemptions,
        )
    if not as_json:
        print_findings(done.findings)
    tell_state(done.draft, f"draft {draft} waits for approval by another person", as_json=as_json)


def withdraw(
    draft: DraftId, reason: Comment = "", person: Person = None, as_json: AsJson = False
) -> None:
    """Open a submitted draft again."""
    with at_work(Settings()) as workshop, workshop.open() as connection:
        done = approvals.withdraw(connection, draft, actor=name_person(person), comment=reason)
    tell_state(done, f"draft {draft} is open again", as_json=as_json)


def reject(
    draft: DraftId,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the record.")],
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Send a submitted draft back."""
    with at_work(Settings()) as workshop, workshop.open() as connection:
        done = approvals.reject(connection, draft, actor=name_person(person), comment=reason)
    tell_state(done, f"draft {draft} is open again", as_json=as_json)


def approve(
    draft: DraftId, reason: Comment = "", person: Person = None, as_json: AsJson = False
) -> None:
    """Approve a submitted draft; only by another person than who submitted it."""
    with at_work(Settings()) as workshop, workshop.open() as connection:
        done = approvals.approve(connection, draft, actor=name_person(person), comment=reason)
    tell_state(done, f"draft {draft} is approved", as_json=as_json)


def publish(
    draft: DraftId,
    since: Annotated[
        str | None, typer.Option("--from", help="Date from which it is in force; now if left out.")
    ] = None,
    reason: Comment = "",
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Publish an approved draft, at once or from a date on."""
    settings = Settings()
    wanted = parse_instant(since, settings.zone) if since else None
    with at_work(settings) as workshop:
        done = publishing.publish(
            workshop,
            draft,
            actor=name_person(person),
            effective_from=wanted,
            reason=reason,
        )
    tell_published(done, f"draft {draft}", as_json=as_json)


def cancel(
    draft: DraftId, reason: Comment = "", person: Person = None, as_json: AsJson = False
) -> None:
    """Give up a draft that is not published."""
    with at_work(Settings()) as workshop, workshop.open() as connection:
        done = approvals.cancel(connection, draft, actor=name_person(person), comment=reason)
    tell_state(done, f"draft {draft} is cancelled", as_json=as_json)


STEPS = (submit, withdraw, reject, approve, publish, cancel)
