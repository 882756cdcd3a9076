"""A backup comes back whole, or nothing changes."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, text

from gis.errors import InputError, Refused, Unavailable
from gis.store import plans
from gis.store.backup import backup, restore
from gis.store.reports import copy_reports, report_summary
from gis.store.sessions import transaction
from tests.store.drawn import publish_nine_grids, reports


def test_backup_and_restore(
    database: Engine, database_url: str, tmp_path: Path, postgis: psycopg.Connection
) -> None:
    file = tmp_path / "备份.dump"
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        located = {"grid_id": min(ids.values()), "position": "located"}
        copy_reports(connection, series, "x", [reports([located, {}])])
        before = plans.load_revisions(connection, series)
    backup(database_url, file)
    with transaction(database) as connection:
        copy_reports(connection, series, "y", [reports([{}])])
    postgis.close()
    kept = restore(database_url, file)
    with transaction(database) as connection:
        after = plans.load_revisions(connection, series)
        assert report_summary(connection, series).total == 2
        assert [each.plan.fingerprint for each in after] == [
            each.plan.fingerprint for each in before
        ]
    with pytest.raises(Refused), transaction(database) as connection:
        connection.execute(text("DELETE FROM revision"))
    assert kept is not None
    _drop(database_url, kept)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_backup_of_a_newer_program_is_refused(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    with transaction(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backup(database_url, tmp_path / "new.dump")
    with transaction(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        publish_nine_grids(connection)
    with pytest.raises(Refused, match="newer"):
        restore(database_url, tmp_path / "new.dump")
    with transaction(database) as connection:
        assert len(plans.list_series(connection)) == 1


def test_file_that_is_no_backup_changes_nothing(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    with transaction(database) as connection:
        publish_nine_grids(connection)
    backup(database_url, tmp_path / "whole.dump")
    whole = (tmp_path / "whole.dump").read_bytes()
    (tmp_path / "half.dump").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.dump").write_text("hello")
    for name in ("half.dump", "text.dump", "missing.dump"):
        with pytest.raises(InputError, match=name):
            restore(database_url, tmp_path / name)
    with transaction(database) as connection:
        assert len(plans.list_series(connection)) == 1


def test_backup_of_no_database_leaves_no_file(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        backup(database_url.replace("/test_", "/no_"), tmp_path / "x.dump")
    assert list(tmp_path.iterdir()) == []


def test_backup_replaces_no_folder_and_no_device(database_url: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (tmp_path, pipe):
        with pytest.raises(InputError, match="no file that can be replaced"):
            backup(database_url, target)
    assert pipe.is_fifo()


def _drop(url: str, name: str) -> None:
    postgres = url.partition("?")[2]
    with psycopg.connect(f"postgresql://wangge@/postgres?{postgres}", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
