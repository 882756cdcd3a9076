"""How does a command reach the database and the plan that it works on?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import Connection

from api.settings import Settings
from gis.errors import NotFound
from gis.store.database import Database, open_database
from gis.store.plans import Series, list_series
from gis.store.sessions import transaction

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
