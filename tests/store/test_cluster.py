"""The private cluster starts whatever happened to it before, and touches nothing of others."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from gis.errors import Unavailable
from gis.store import cluster as cluster_module
from gis.store import migrate
from gis.store.binaries import Binaries, choose_binaries, client_program, installed_binaries
from gis.store.cluster import Cluster, cluster_folder
from gis.store.reports import copy_reports, report_summary
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import make_series, reports

ENSURE = """
import sys
from pathlib import Path
from gis.store.cluster import Cluster
print(Cluster(Path(sys.argv[1]), ephemeral=True).ensure())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the server's account can enter; a server left in it is stopped."""
    made = Path(tempfile.mkdtemp(prefix=f"wangge-tests-{os.getpid()}-"))
    made.chmod(0o755)
    yield made
    Cluster(made).stop()
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Cluster]:
    """One cluster that several tests stop, kill and start again."""
    made = Path(tempfile.mkdtemp(prefix=f"wangge-tests-{os.getpid()}-"))
    made.chmod(0o755)
    own = Cluster(made)  # not ephemeral: what was committed must survive being killed
    own.ensure()
    yield own
    own.stop()
    shutil.rmtree(made)


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def test_cluster_is_private_and_speaks_every_script(lived_in: Cluster) -> None:
    url = lived_in.ensure()
    assert _ask(url, "SHOW listen_addresses") == ""
    assert _ask(url, "SHOW server_encoding") == "UTF8"
    assert _ask(url, "SELECT lower('Ä')") == "ä"
    assert _ask(url, "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == 1
    socket_folder = Path(str(_ask(url, "SHOW unix_socket_directories")))
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(lived_in.home.stat().st_mode) == 0o700


def test_stop_and_start(lived_in: Cluster) -> None:
    lived_in.ensure()
    assert lived_in.stop()
    assert not lived_in.stop()
    status = lived_in.status()
    assert (status.exists, status.running, status.pid) == (True, False, None)
    lived_in.start()
    assert lived_in.status().running
    assert lived_in.status().major == lived_in.binaries.major


def test_two_commands_at_once_make_one_cluster(folder: Path) -> None:
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", ENSURE, str(folder)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    # The pipes end although the server lives on: it holds none of them.
    said = [command.communicate(timeout=60)[0].strip() for command in commands]
    assert said[0] == said[1] == Cluster(folder).url()
    assert _ask(said[0], "SELECT 1") == 1


@pytest.mark.parametrize("with_a_busy_backend", [False, True])
def test_killed_server_starts_again(lived_in: Cluster, with_a_busy_backend: bool) -> None:
    url = lived_in.ensure()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES (7)")
    before = lived_in.status().pid
    assert before is not None
    busy = None
    if with_a_busy_backend:
        query = "DO $$ BEGIN FOR i IN 1..2e7 LOOP NULL; END LOOP; END $$"
        script = "import psycopg, sys; psycopg.connect(sys.argv[1]).execute(sys.argv[2])"
        busy = subprocess.Popen(
            [sys.executable, "-c", script, url, query], stderr=subprocess.DEVNULL
        )
        while not _ask(url, f"SELECT count(*) FROM pg_stat_activity WHERE query = '{query}'"):
            time.sleep(0.02)
    os.kill(before, signal.SIGKILL)
    assert _ask(lived_in.ensure(), "SELECT number FROM kept") == 7
    assert lived_in.status().pid != before
    if busy is not None:
        busy.kill()
        busy.wait()


def test_server_that_is_killed_mid_import_leaves_nothing(lived_in: Cluster) -> None:
    engine = open_engine(lived_in.ensure())
    migrate.upgrade(engine)
    frame = reports([{"external_id": f"a{number}"} for number in range(1000)])

    def frames() -> Iterator[pd.DataFrame]:
        yield frame
        pid = lived_in.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while lived_in.status().pid is not None:
            time.sleep(0.02)
        for number in range(2000):
            yield frame.assign(external_id=[f"{number}-{row}" for row in range(1000)])

    with transaction(engine) as connection:
        series = make_series(connection)
    with pytest.raises(Unavailable), transaction(engine) as connection:
        copy_reports(connection, series, "x", frames())
    lived_in.ensure()
    with transaction(engine) as connection:
        assert report_summary(connection, series).total == 0
        assert copy_reports(connection, series, "x", [frame]).inserted == 1000
    engine.dispose()


def test_pid_file_that_names_a_stranger_is_not_believed(lived_in: Cluster) -> None:
    lived_in.ensure()
    pid_file = lived_in.data / "postmaster.pid"
    left = pid_file.read_text().splitlines()
    lived_in.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")
    socket_lock = Path(left[4]) / ".s.PGSQL.5432.lock"
    socket_lock.write_text(f"{os.getpid()}\n{lived_in.data}\n")
    assert not lived_in.status().running
    assert _ask(lived_in.ensure(), "SELECT 1") == 1


def test_server_whose_socket_was_removed_is_started_again(lived_in: Cluster) -> None:
    url = lived_in.ensure()
    socket = Path(str(_ask(url, "SHOW unix_socket_directories"))) / ".s.PGSQL.5432"
    socket.unlink()
    assert _ask(lived_in.ensure(), "SELECT 1") == 1


def test_initdb_that_was_killed_half_way_is_forgotten(folder: Path) -> None:
    unfinished = folder / "cluster" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    assert _ask(Cluster(folder, ephemeral=True).ensure(), "SELECT 1") == 1


def test_folder_with_a_long_and_strange_name(folder: Path) -> None:
    strange = folder / ("网格 $(id)`'\"\\;%41, " + "x" * 90)
    own = Cluster(strange, ephemeral=True)
    try:
        url = own.ensure()
        socket_folder = Path(str(_ask(url, "SHOW unix_socket_directories")))
        assert _ask(url, "SHOW data_directory") == str(own.data)
        assert not socket_folder.is_relative_to(folder)
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    finally:
        own.stop()
    shutil.rmtree(socket_folder)


def test_socket_folder_of_someone_else_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Cluster(folder, ephemeral=True)
    own.ensure()
    own.stop()
    trap = folder / "trap"
    trap.symlink_to(folder)
    monkeypatch.setattr(Cluster, "_choose_socket_folder", lambda _: trap)
    with pytest.raises(Unavailable, match="not a folder"):
        own.start()


def test_waiting_for_another_command_ends(folder: Path) -> None:
    with (folder / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another command"):
            Cluster(folder, lock_timeout_s=0.1).ensure()


def test_data_of_another_version_is_left_alone(folder: Path) -> None:
    data = folder / "cluster" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 12.*wangge db restore"):
        Cluster(folder).ensure()
    assert [each.name for each in data.iterdir()] == ["PG_VERSION"]


def test_server_that_cannot_start_says_why(folder: Path) -> None:
    own = Cluster(folder, ephemeral=True)
    own.ensure()
    own.stop()
    with (own.data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'nonsense'\ninclude 'missing.conf'\n")
    with pytest.raises(Unavailable, match=r"missing\.conf"):
        own.ensure()


def test_nothing_to_start(folder: Path) -> None:
    with pytest.raises(Unavailable, match="wangge db up"):
        Cluster(folder).start()
    assert not Cluster(folder).status().exists


def test_cluster_of_a_closed_folder_lies_elsewhere_under_root(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(cluster_module, "_FALLBACK", folder / "elsewhere")
    chosen = cluster_folder(closed / "data")
    if os.geteuid() == 0:
        assert chosen.parent == folder / "elsewhere"
        assert chosen == cluster_folder(closed / "data") != cluster_folder(closed / "other")
    else:
        assert chosen == closed / "data"
    assert cluster_folder(folder / "open") == folder / "open"


def test_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(Unavailable, match="is no folder"):
            cluster_folder(folder)


def test_newest_binaries_with_postgis_are_chosen(tmp_path: Path) -> None:
    for major in (15, 16, 17):
        programs = tmp_path / "lib" / str(major) / "bin"
        programs.mkdir(parents=True)
        (programs / "postgres").touch()
        (programs / "initdb").touch()
        (tmp_path / "share" / str(major) / "extension").mkdir(parents=True)
        if major != 17:
            (tmp_path / "share" / str(major) / "extension" / "postgis.control").touch()
    found = installed_binaries(tmp_path / "lib", tmp_path / "share")
    assert [each.major for each in found] == [16, 15]
    assert choose_binaries(None, found).major == 16
    assert choose_binaries(15, found) == Binaries(15, tmp_path / "lib" / "15" / "bin")
    with pytest.raises(Unavailable, match=r"installed: 16, 15"):
        choose_binaries(17, found)
    with pytest.raises(Unavailable, match="apt-get install"):
        choose_binaries(None, [])


def test_missing_client_program_is_named() -> None:
    with pytest.raises(Unavailable, match="postgresql-client-15"):
        client_program("pg_dumb", 15)
