"""How is the database reached, and what do its errors mean in the domain's words?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis.errors import Conflict, InputError, Refused, Unavailable, WanggeError

CONNECT_TIMEOUT_S = 2
POOL_TIMEOUT_S = 1
IMMUTABLE = "WG001"
"""SQLSTATE with which the triggers of the database refuse to change history."""


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return a pool of connections to a PostgreSQL database; connects at first use.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:port/database``, or with ``host=`` a socket folder.
    pool_size
        How many connections may be open at once; the next caller waits one second.

    Raises
    ------
    InputError
        The URL is not one of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "postgresql":
            raise InputError("the database must be PostgreSQL with PostGIS: postgresql://…")
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "wangge"},
        )
    except (ArgumentError, NoSuchModuleError, ValueError):
        # The text is not repeated: it may hold a password.
        raise InputError(
            "the database URL cannot be read; write postgresql://user:password@host:port/database"
        ) from None


def driver_url(engine: Engine) -> str:
    """Return the URL of an engine as libpq reads it, with its password."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def driver_connection(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    """Return the psycopg connection beneath, in the same transaction: for COPY and LISTEN."""
    inner = connection.connection.driver_connection
    if not isinstance(inner, psycopg.Connection):
        raise TypeError(f"expected a psycopg connection, got {type(inner).__name__}")
    return inner


@contextmanager
def translating() -> Iterator[None]:
    """Turn errors of the driver, the pool and the database into errors of the domain."""
    try:
        yield
    except DBAPIError as error:
        original = error.orig
        raise _translate(original if isinstance(original, Exception) else error) from error
    except psycopg.Error as error:
        raise _translate(error) from error
    except PoolTimeout as error:
        raise Unavailable(
            f"all connections to the database have been busy for {POOL_TIMEOUT_S} s; try again"
        ) from error
    except SQLAlchemyError as error:
        raise Unavailable(f"the database could not be used: {_first_line(error)}") from error


@contextmanager
def transaction(engine: Engine, *, query_timeout_s: float | None = None) -> Iterator[Connection]:
    """Open a transaction whose errors are the domain's; it is kept only if nothing is raised.

    A query that takes longer than ``query_timeout_s`` is cancelled, so that nobody who went away
    keeps a connection busy.
    """
    with translating(), engine.begin() as connection:
        if query_timeout_s is not None:
            connection.execute(text(f"SET LOCAL statement_timeout = {int(query_timeout_s * 1000)}"))
        yield connection


# The first row that fits decides.
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[WanggeError], str], ...] = (
    (
        (pg.UndefinedTable, pg.UndefinedColumn, pg.UndefinedFunction, pg.UndefinedObject),
        Unavailable,
        "the database lacks what this program needs; run `wangge db up --migrate` ({said})",
    ),
    ((pg.DiskFull,), Unavailable, "the database's disk is full; nothing was written ({said})"),
    (
        (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable),
        Conflict,
        "another change was under way; try again ({said})",
    ),
    (
        (pg.ExclusionViolation, pg.UniqueViolation, pg.ForeignKeyViolation),
        Conflict,
        "someone else changed it first; look again ({said})",
    ),
    (
        (psycopg.IntegrityError, psycopg.DataError),
        InputError,
        "the database refuses the value: {said}",
    ),
    (
        (pg.ProgramLimitExceeded,),
        InputError,
        "a value is too long to be stored, most likely an id or a name ({said})",
    ),
    (
        (psycopg.OperationalError,),
        Unavailable,
        "the database is away or busy; try again ({said})",
    ),
    ((Exception,), Unavailable, "the database failed: {said}"),
)


def _translate(error: Exception) -> WanggeError:
    state = getattr(error, "sqlstate", None)
    said = _first_line(error)
    if state == IMMUTABLE:
        return Refused(said, sqlstate=state)
    kind, message = next(
        (kind, message) for causes, kind, message in _MEANINGS if isinstance(error, causes)
    )
    return kind(message.format(said=said), sqlstate=state)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
