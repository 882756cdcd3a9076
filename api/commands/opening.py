"""How does a command reach the database and the plan that it works on?"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer
from sqlalchemy import Connection

from api.settings import Settings
from gis.errors import NotFound
from gis.store.database import Database, open_database
from gis.store.plans import Series, list_series
from gis.store.sessions import transaction

if TYPE_CHECKING:
    from api.tasks.workshop import Workshop

Person = Annotated[
    str | None,
    typer.Option("--as", help="Your name, for the record; the name of the account if left out."),
]
DraftId = Annotated[int, typer.Argument(min=1, help="Id of the draft.")]
PlanName = Annotated[
    str | None,
    typer.Option("--plan", help="Name of the plan (series); may be left out if there is one."),
]


def open_from_settings(settings: Settings, *, upgrade: bool = False) -> Database:
    """Open the database that the settings name, or the private cluster."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    return open_database(url, settings.data_folder, upgrade=upgrade)


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    """Open the database for one transaction, and close it afterwards."""
    database = open_from_settings(settings)
    try:
        with transaction(database.engine) as connection:
            yield connection
    finally:
        database.engine.dispose()


@contextmanager
def at_work(settings: Settings) -> Iterator[Workshop]:
    """Open the database for work on drafts and revisions, and close it afterwards."""
    from api.tasks.workshop import make_workshop

    database = open_from_settings(settings)
    try:
        yield make_workshop(database, settings)
    finally:
        database.engine.dispose()


def name_person(declared: str | None) -> str:
    """Return the declared name of the person, or the one by which the system knows the user."""
    from api.principal import read_person

    return read_person(quote(declared) if declared is not None else quote(getpass.getuser()))


def database_url(settings: Settings) -> str:
    """Return the URL of the database; starts the private cluster if that is the one."""
    database = open_from_settings(settings)
    database.engine.dispose()
    return database.url


def find_series(connection: Connection, name: str | None, settings: Settings) -> Series:
    """Return the series of a name, the default one, or the only one there is."""
    every = list_series(connection)
    wanted = name or settings.plan
    found = [series for series in every if wanted is None or series.name == wanted]
    if len(found) == 1:
        return found[0]
    names = ", ".join(series.name for series in every)
    if not every:
        raise NotFound(
            "there is no plan yet; `wangge import boundaries FILE --plan NAME` makes one"
        )
    if wanted is None:
        raise NotFound(f"say which plan you mean with --plan: {names}")
    raise NotFound(f"there is no plan {wanted!r}; there are: {names}")
