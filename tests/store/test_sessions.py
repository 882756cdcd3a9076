"""Errors of the driver become errors of the domain, in one place."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Engine, text

from gis.errors import Conflict, InputError, Unavailable, WanggeError
from gis.store.sessions import driver_url, open_engine, transaction, translating


def test_pool_that_is_exhausted_is_unavailable(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=1)
    with transaction(engine), pytest.raises(Unavailable, match="busy"), transaction(engine):
        pass
    engine.dispose()


def test_server_that_is_not_there_is_unavailable() -> None:
    engine = open_engine("postgresql://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(Unavailable) as error, transaction(engine):
        pass
    engine.dispose()
    assert "secret" not in error.value.message


@pytest.mark.parametrize(
    "url", ["sqlite:///x.db", "no url", "postgres+nothing://x", "mysql://x/y", "postgresql://h:p/x"]
)
def test_url_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="postgresql://"):
        open_engine(url)


def test_url_for_the_driver_keeps_the_password() -> None:
    engine = open_engine("postgresql://a:p%40ss@h:1/d")
    assert driver_url(engine) == "postgresql://a:p%40ss@h:1/d"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT * FROM no_such_table", Unavailable),
        ("SELECT 1 / 0", InputError),
        ("INSERT INTO series (name, metric_srid, time_zone) VALUES ('', 1, '')", InputError),
        (
            "INSERT INTO series (name, metric_srid, time_zone) VALUES ('a',1,''),('a',1,'')",
            Conflict,
        ),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$", Conflict),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$", Unavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '54000'; END $$", InputError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", Unavailable),
    ],
)
def test_errors_of_the_database_have_a_meaning(
    database: Engine, statement: str, kind: type[WanggeError]
) -> None:
    with pytest.raises(WanggeError) as error, transaction(database) as connection:
        connection.execute(text(statement))
    assert type(error.value) is kind


def test_errors_of_the_bare_driver_have_the_same_meaning() -> None:
    with pytest.raises(Conflict), translating():
        raise psycopg.errors.ExclusionViolation("two at once")


def test_pool_recovers_when_its_connections_were_cut(
    database: Engine, postgis: psycopg.Connection
) -> None:
    with transaction(database) as connection:
        connection.execute(text("SELECT 1"))
    postgis.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with transaction(database) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_query_that_takes_too_long_is_cancelled(database: Engine) -> None:
    with (
        pytest.raises(Unavailable, match="timeout"),
        transaction(database, query_timeout_s=0.05) as connection,
    ):
        connection.execute(text("SELECT pg_sleep(10)"))
