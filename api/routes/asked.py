"""What do most requests name: the plan, the date, the language?

What only reads from memory is ``async``: the framework runs other functions in threads, and that
takes longer than a lookup.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request

from api.dates import parse_instant
from api.live_plans import LivePlan, LivePlans
from api.settings import Settings
from api.tasks.workshop import Workshop
from gis.store.database import Database
from maps.text import choose_language


def settings_of(request: Request) -> Settings:
    """Return the choices of this installation."""
    found: Settings = request.app.state.settings
    return found


def live_of(request: Request) -> LivePlans:
    """Return the plans that this process answers from."""
    found: LivePlans = request.app.state.live
    return found


def database_of(request: Request) -> Database:
    """Return the database of this installation."""
    found: Database = request.app.state.database
    return found


NamedPlan = Annotated[
    str | None,
    Query(
        alias="plan",
        max_length=200,
        description="Name of the plan; may be left out when the installation has a default.",
    ),
]


async def asked_plan(request: Request, plan: NamedPlan = None) -> LivePlan:
    """Return the plan that the request names, or the installation's default."""
    return live_of(request).choose(plan)


async def asked_instant(
    request: Request,
    at: Annotated[
        str | None,
        Query(
            max_length=40,
            description="ISO 8601 date or date and time; now when left out.",
            examples=["2026-01-01"],
        ),
    ] = None,
) -> datetime | None:
    """Return the instant that the request names."""
    return None if at is None else parse_instant(at, settings_of(request).zone)


async def asked_language(
    request: Request,
    lang: Annotated[str | None, Query(max_length=20, description="`zh` or `en`.")] = None,
) -> str:
    """Return the language of a page."""
    return choose_language(lang) if lang else settings_of(request).language


AskedPlan = Annotated[LivePlan, Depends(asked_plan)]
AskedInstant = Annotated[datetime | None, Depends(asked_instant)]
AskedLanguage = Annotated[str, Depends(asked_language)]
OurDatabase = Annotated[Database, Depends(database_of)]
OurSettings = Annotated[Settings, Depends(settings_of)]


def workshop_of(request: Request) -> Workshop:
    """Return what this process keeps while drafts are worked on."""
    found: Workshop = request.app.state.workshop
    return found


OurWorkshop = Annotated[Workshop, Depends(workshop_of)]
RequestKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Names the request: sent again with the same key it has no second effect.",
    ),
]
DraftId = Annotated[int, Path(ge=1, le=2**63 - 1)]
RevisionId = Annotated[int, Path(ge=1, le=2**63 - 1)]
