"""How is a database saved to a file, and brought back whole?

A backup is one file of ``pg_dump``. A restore builds a second database beside the first and
exchanges their names at the very end, so that a failure leaves everything as it was.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from gis.errors import InputError, Refused, Unavailable
from gis.store import migrate
from gis.store.binaries import client_program, plain_environment
from gis.store.sessions import CONNECT_TIMEOUT_S, open_engine, translating


def backup(url: str, file: Path) -> None:
    """Save a whole database to a file, which appears only when it is complete.

    Raises
    ------
    InputError
        There is a folder or a device of that name.
    Unavailable
        The database is away, or the ``pg_dump`` of its version is not installed.
    """
    if file.exists() and not file.is_file():
        raise InputError(f"{file} is no file that can be replaced; name another", file=str(file))
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _run("pg_dump", _major(url), "--format=custom", f"--file={unfinished}", url=url)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(url: str, file: Path) -> str | None:
    """Replace a database by what a backup holds, all of it or nothing.

    The database itself is kept under another name, in case the backup was the wrong one.

    Parameters
    ----------
    url
        Of the database to replace; its role must be allowed to create databases.

    Returns
    -------
    str or None
        The name under which the replaced database is kept; None when there was none.

    Raises
    ------
    InputError
        The file is no backup.
    Refused
        The backup was made by a newer program.
    Unavailable
        The server is away, or too old for the backup.
    """
    if not file.is_file():
        raise InputError(f"there is no file {file}", file=str(file))
    name = str(make_url(url).database)
    fresh = f"{name}_restoring"
    major = _major(_beside(url, "postgres"))
    with translating(), _administrator(url) as admin:
        _drop(admin, fresh)
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(fresh))
        )
        try:
            _fill(_beside(url, fresh), file, major)
            return _exchange(admin, name, fresh)
        finally:
            _drop(admin, fresh)


def _fill(url: str, file: Path, major: int) -> None:
    try:
        _run("pg_restore", major, "--no-owner", "--no-acl", "--exit-on-error", str(file), url=url)
    except Unavailable as error:
        raise InputError(
            f"{file} could not be restored; is it a backup made by `wangge db backup`? "
            f"Nothing was changed ({error.message})",
            file=str(file),
        ) from error
    engine = open_engine(url)
    try:
        found = migrate.state(engine)
        if found.current is None:
            raise InputError(f"{file} is no backup of a wangge database; nothing was changed")
    except Refused as error:
        raise Refused(f"{file} was not restored: {error.message}", **error.data) from error
    finally:
        engine.dispose()


def _exchange(admin: psycopg.Connection[tuple[object, ...]], name: str, fresh: str) -> str | None:
    """Give the fresh database the name; both renames or none."""
    kept = f"{name}_replaced"
    had = _exists(admin, name)
    if had:
        _drop(admin, kept)
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)",
            [[name, fresh]],
        )
    with admin.transaction():
        if had:
            admin.execute(_rename(name, kept))
        admin.execute(_rename(fresh, name))
    return kept if had else None


def _rename(old: str, new: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
        sql.Identifier(old), sql.Identifier(new)
    )


def _exists(admin: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return admin.execute(query, [name]).fetchone() is not None


def _drop(admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _administrator(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(
        _beside(url, "postgres"), autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
    ) as admin:
        yield admin


def _beside(url: str, database: str) -> str:
    parsed = make_url(url).set(drivername="postgresql", database=database)
    return parsed.render_as_string(hide_password=False)


def _major(url: str) -> int:
    parsed = make_url(url).set(drivername="postgresql")
    plain = parsed.render_as_string(hide_password=False)
    with translating(), psycopg.connect(plain, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        return connection.info.server_version // 10_000


def _run(program: str, major: int, *arguments: str, url: str) -> None:
    """Run a client program of the server's own version; the password is in no command line."""
    parsed = make_url(url).set(drivername="postgresql")
    without = parsed.set(password=None).render_as_string(hide_password=False)
    environment = plain_environment()
    if parsed.password:
        environment["PGPASSWORD"] = str(parsed.password)
    command = [client_program(program, major), f"--dbname={without}", *arguments]
    done = subprocess.run(  # noqa: S603
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(f"{program} failed: {done.stderr.strip()[-1000:]}")
