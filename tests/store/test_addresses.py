"""Standard addresses and other names of places are kept, loaded, and given a version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import Engine, make_url

from gis.errors import Conflict, InputError
from gis.locate.address import Address
from gis.locate.standard_address import Alias, StandardAddress
from gis.plan.model import Building
from gis.store.addresses import (
    _unescape,
    book_version,
    find_building_places,
    load_addresses,
    load_aliases,
    save_addresses,
    save_aliases,
)
from gis.store.backup import backup, restore
from gis.store.buildings import save_buildings
from gis.store.copying import escape_texts
from gis.store.plans import REVISION_CHANNEL, get_series
from gis.store.sessions import driver_connection, transaction
from gis.store.upserting import UpsertResult
from tests.store.drawn import make_series

HOME = StandardAddress(
    "1",
    "福建省三明市梅列区列西街道翁墩社区翁墩路7号翁墩新村4幢",
    Address(
        "福建省", "三明市", "梅列区", "列西街道", "翁墩社区", "翁墩路", "", "7", "翁墩新村", "4"
    ),
    117.6000001,
    26.2,
    "B00001",
)
ODD = StandardAddress(
    "2\t\\", "C:\\new\\table\n\r\\N", Address(road="\\t\\\\", place="a\tb"), 0.1 + 0.2, 26.25
)
MERGED = Alias("county", "三元区", "梅列区", date(2021, 1, 1))


def test_addresses_come_back_and_are_updated(database: Engine) -> None:
    with transaction(database) as connection:
        series, other = make_series(connection), make_series(connection, "sanyuan")
        assert save_addresses(connection, series, iter([ODD, HOME])) == UpsertResult(2, 0, 0)
        assert list(load_addresses(connection, series)) == [HOME, ODD]
        moved = [replace(HOME, lon=117.7), ODD]
        assert save_addresses(connection, series, moved) == UpsertResult(0, 1, 1)
        assert list(load_addresses(connection, series)) == moved
        assert len(load_addresses(connection, series)) == 2
        assert load_addresses(connection, series).lon.tolist() == [117.7, 0.1 + 0.2]
        assert list(load_addresses(connection, other)) == []


def test_noise_is_not_kept(database: Engine) -> None:
    noisy = replace(HOME, parts=HOME.parts._replace(noise="13800000000"))
    with transaction(database) as connection:
        series = make_series(connection)
        save_addresses(connection, series, [noisy])
        assert list(load_addresses(connection, series)) == [HOME]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(HOME, external_id=""),
        replace(HOME, text=""),
        replace(HOME, text="路" * 501),
        replace(HOME, lon=float("nan")),
    ],
)
def test_database_refuses_what_is_no_address(database: Engine, wrong: StandardAddress) -> None:
    with pytest.raises(InputError), transaction(database) as connection:
        save_addresses(connection, make_series(connection), [wrong])


@given(st.text(alphabet="\\\t\n\rtnN墩 a", max_size=12))
def test_every_text_comes_back_from_copy(text: str) -> None:
    assert _unescape(escape_texts([text])[0]) == text


def test_version_changes_with_every_change_and_only_then(database: Engine) -> None:
    with transaction(database) as connection:
        series, other = make_series(connection), make_series(connection, "sanyuan")
        seen = [book_version(connection, series)]
        assert seen == [None]
        for change in (
            lambda: save_addresses(connection, series, [HOME]),
            lambda: save_addresses(connection, series, [replace(HOME, building_id="")]),
            lambda: save_aliases(connection, series, [MERGED]),
            lambda: save_aliases(connection, series, [replace(MERGED, valid_to=date(2030, 1, 1))]),
        ):
            change()
            seen.append(book_version(connection, series))
            change()
            assert book_version(connection, series) == seen[-1]
        assert len(set(seen)) == len(seen)
        assert book_version(connection, other) is None


def test_listeners_are_told_of_a_change_once_it_is_kept(
    database: Engine, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {REVISION_CHANNEL}")
        with transaction(database) as connection:
            series = make_series(connection)
            save_addresses(connection, series, [HOME])
        with transaction(database) as connection:
            save_addresses(connection, series, [HOME])
        told = list(listener.notifies(timeout=0.5))
    assert [each.payload for each in told] == ["meilie"]


def test_aliases_come_back_and_are_replaced_by_their_two_names(database: Engine) -> None:
    older = Alias("estate", "化工新村", "翁墩新村", None, date(1990, 1, 1))
    again = replace(older, valid_from=date(2000, 1, 1), valid_to=None)
    with transaction(database) as connection:
        series = make_series(connection)
        every = [MERGED, older, again]
        assert save_aliases(connection, series, every) == UpsertResult(3, 0, 0)
        assert load_aliases(connection, series) == every
        assert save_aliases(connection, series, [older, again]) == UpsertResult(0, 0, 2)
        changed = [older, replace(again, valid_from=date(2001, 1, 1))]
        assert save_aliases(connection, series, changed) == UpsertResult(0, 1, 1)
        assert load_aliases(connection, series) == [MERGED, *changed]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ([replace(MERGED, alias="")], InputError),
        ([replace(MERGED, name="三元区")], InputError),
        ([replace(MERGED, valid_to=date(2021, 1, 1))], InputError),
        ([MERGED, replace(MERGED, valid_from=date(2022, 1, 1))], Conflict),
    ],
)
def test_database_refuses_what_is_no_alias(
    database: Engine, wrong: list[Alias], error: type[Exception]
) -> None:
    with pytest.raises(error), transaction(database) as connection:
        save_aliases(connection, make_series(connection), wrong)


def test_places_of_buildings_lie_inside(database: Engine) -> None:
    bow = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4), (0, 3), (3, 3), (3, 1), (0, 1)])
    with transaction(database) as connection:
        series = make_series(connection)
        save_buildings(connection, series, [Building("a", bow), Building("b", bow)])
        places = find_building_places(connection, series, ["a", "c"])
    assert list(places) == ["a"]
    assert bow.contains(shapely.Point(places["a"]))


def test_backup_carries_the_address_book(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        save_addresses(connection, series, [HOME, ODD])
        save_aliases(connection, series, [MERGED])
        version = book_version(connection, series)
    backup(database_url, tmp_path / "book.dump")
    with transaction(database) as connection:
        save_addresses(connection, series, [replace(HOME, external_id="3")])
        driver_connection(connection).execute("DELETE FROM alias")
    database.dispose()
    kept = restore(database_url, tmp_path / "book.dump")
    with transaction(database) as connection:
        series = get_series(connection, "meilie")
        assert list(load_addresses(connection, series)) == [HOME, ODD]
        assert load_aliases(connection, series) == [MERGED]
        assert book_version(connection, series) == version
    assert kept is not None
    parsed = make_url(database_url).set(drivername="postgresql", database="postgres")
    admin_url = parsed.render_as_string(hide_password=False)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(kept)))
