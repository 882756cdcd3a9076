"""How does Wangge get a PostgreSQL of its own, without touching anyone else's?

A private cluster lives under one folder::

    folder/cluster.lock   held while a command starts or stops the server
    folder/cluster/data   the data directory
    folder/cluster/run    the Unix socket
    folder/cluster/log    what the server says

It listens on no network address. Logins need no password (``trust``), which is safe because the
only way in is a socket inside a folder with mode 0700: the kernel lets nobody but its owner and
root through. The server is started on demand and outlives the command that started it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from gis.errors import Unavailable
from gis.store.binaries import Account, Binaries, account_for, choose_binaries
from gis.store.processes import is_alive, occurs
from gis.store.server_settings import PORT, settings_text
from gis.store.sockets import SOCKET_NAME, choose_socket_folder

DATABASE = "wangge"
ROLE = "wangge"
EXTENSIONS = ("postgis", "btree_gist")
_LOG_LIMIT_BYTES = 10_000_000
_LINGERING_S = 30.0
_SILENCE_S = 60.0
_STILL_HELD = ("pre-existing shared memory block", "lock file", "already in use")
_FALLBACK = Path("/var/lib/wangge")


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What a private cluster is doing."""

    folder: Path
    exists: bool
    running: bool
    pid: int | None
    major: int | None
    log: Path


def cluster_folder(data_folder: Path) -> Path:
    """Return the folder in which the private cluster of a data folder lives.

    It is the data folder itself. Only under root, where the server runs as another account that
    may be unable to enter the data folder (``/root`` is closed to all others), is it a folder in
    ``/var/lib/wangge`` that belongs to this data folder alone.

    Raises
    ------
    Unavailable
        The data folder is a file, or would lie in one.
    """
    data_folder = data_folder.resolve()
    data = data_folder / "cluster" / "data"
    nearest = next(each for each in (data_folder, *data_folder.parents) if each.exists())
    if not nearest.is_dir():
        raise Unavailable(
            f"{nearest} is no folder; choose another data folder", folder=str(nearest)
        )
    if os.geteuid() != 0 or data.exists():
        return data_folder
    if account_for(data).can_enter(nearest):
        return data_folder
    return _FALLBACK / hashlib.sha256(bytes(data_folder)).hexdigest()[:12]


class Cluster:
    """A PostgreSQL server with PostGIS that belongs to one folder.

    Parameters
    ----------
    folder
        Where the cluster lives; see :func:`cluster_folder`.
    ephemeral
        True for a cluster that may be lost at a crash of the machine: much quicker, for tests.
    lock_timeout_s
        How long to wait for another command that is starting or stopping the same server.
    """

    def __init__(
        self, folder: Path, *, ephemeral: bool = False, lock_timeout_s: float = 60.0
    ) -> None:
        self.folder = folder.resolve()
        self.home = self.folder / "cluster"
        self.data = self.home / "data"
        self.log = self.home / "log"
        self._ephemeral = ephemeral
        self._lock_timeout_s = lock_timeout_s

    def ensure(self) -> str:
        """Make the cluster, start it and make its database, each only if needed.

        Returns
        -------
        str
            URL of the database.

        Raises
        ------
        Unavailable
            PostgreSQL is missing, of another version than the data, or does not start.
        """
        with self._locked():
            self._initialise()
            self._start()
            self._create_database()
            return self.url()

    def start(self) -> None:
        """Start the server of an existing cluster, if it is not running."""
        with self._locked():
            if not self._exists():
                raise Unavailable(f"there is no database in {self.folder}; run `wangge db up`")
            self._start()

    def stop(self) -> bool:
        """Stop the server; tell whether it was running."""
        with self._locked():
            if self._postmaster() is None:
                return False
            self._stop()
            return True

    def status(self) -> ClusterStatus:
        """Return what the cluster is doing, without changing anything."""
        pid = self._postmaster()
        return ClusterStatus(
            folder=self.folder,
            exists=self._exists(),
            running=pid is not None and self._ping() == Ping.OK,
            pid=pid,
            major=self._major(),
            log=self.log,
        )

    def url(self, database: str = DATABASE) -> str:
        """Return the URL of a database of this cluster, as libpq and SQLAlchemy read it."""
        host = quote(str(self._socket_folder()), safe="/")
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={host}&port={PORT}"

    @property
    def binaries(self) -> Binaries:
        """The programs that fit the data of this cluster."""
        return choose_binaries(self._major())

    @cached_property
    def _account(self) -> Account:
        return account_for(self.data)

    def _exists(self) -> bool:
        try:
            return (self.data / "PG_VERSION").exists()
        except PermissionError:
            raise Unavailable(
                f"the database in {self.folder} belongs to another user; "
                "run wangge as that user, or choose another data folder"
            ) from None

    def _major(self) -> int | None:
        if not self._exists():
            return None
        return int((self.data / "PG_VERSION").read_text().strip().split(".")[0])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        _make_folder(self.folder)
        lock = os.open(self.folder / "cluster.lock", os.O_RDONLY | os.O_CREAT, 0o644)
        deadline = time.monotonic() + self._lock_timeout_s
        try:
            while not _try_lock(lock):
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"another command has been starting or stopping the database in "
                        f"{self.folder} for {self._lock_timeout_s:.0f} s; try again when it ended"
                    )
                time.sleep(0.05)
            yield
        finally:
            os.close(lock)

    def _initialise(self) -> None:
        if self._exists():
            return
        binaries = choose_binaries(None)
        self._own(self.home)
        # A killed initdb leaves half a data directory; only a whole one gets the name.
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [binaries.program("initdb"), "-D", str(unfinished), "-U", ROLE]
        command += ["--encoding=UTF8", "--auth=trust", *(["--no-sync"] * self._ephemeral)]
        try:
            self._account.run([*command, "--locale=C.UTF-8"])
        except Unavailable as refusal:
            if "locale" not in refusal.message:
                raise
            shutil.rmtree(unfinished, ignore_errors=True)
            self._account.run([*command, "--locale=C"])
        with (unfinished / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists 'wangge.conf'\n")
        unfinished.rename(self.data)

    def _own(self, folder: Path) -> None:
        """Make a folder that nobody but the server's account may enter."""
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise Unavailable(f"{folder} is not a folder; remove it")
        if os.geteuid() == 0 and found.st_uid == 0:
            os.chown(folder, self._account.uid, self._account.gid)
        elif found.st_uid != self._account.uid:
            raise Unavailable(
                f"{folder} belongs to another user (uid {found.st_uid}); remove it, or run wangge "
                "as that user"
            )
        folder.chmod(0o700)

    def _start(self) -> None:
        deadline = time.monotonic() + _LINGERING_S
        while self._ping() != Ping.OK:
            pid = self._postmaster()
            adopted = pid is not None
            if pid is None:
                log_size = self.log.stat().st_size if self.log.exists() else 0
                pid = self._launch()
            elif not (self._socket_folder() / SOCKET_NAME).exists() and self._is_ready():
                self._stop()  # Someone removed the socket: nobody can ever connect again.
                continue
            if self._wait_until_ready(pid):
                return
            said = "" if adopted else self._said_since(log_size)
            # Children of a killed server hold its shared memory until they notice.
            held = adopted or any(reason in said for reason in _STILL_HELD)
            if not held or time.monotonic() > deadline:
                raise Unavailable(
                    f"the database in {self.folder} does not start; its log {self.log} ends: "
                    f"{said.strip()[-1500:]}"
                )
            time.sleep(0.25)

    def _launch(self) -> int:
        binaries = choose_binaries(self._major())
        self._forget_the_dead()
        socket_folder = self._choose_socket_folder()
        self._own(socket_folder)
        (socket_folder / SOCKET_NAME).unlink(missing_ok=True)
        (socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        self._configure(socket_folder)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.home / "log.1")
        # The shell leaves the server behind as an orphan with no file of ours open: it outlives
        # this command, never holds a caller's pipe, and becomes nobody's zombie. Paths are
        # parameters of the script, so that no character in them means anything.
        script = 'umask 077; "$@" </dev/null >>"$0" 2>&1 & echo $!'
        server = [binaries.program("postgres"), "-D", str(self.data)]
        return int(self._account.run(["/bin/sh", "-c", script, str(self.log), *server]))

    def _configure(self, socket_folder: Path) -> None:
        path = self.data / "wangge.conf"
        text = settings_text(socket_folder, ephemeral=self._ephemeral)
        path.write_text(text, encoding="utf-8")
        os.chown(path, self._account.uid, self._account.gid)

    def _wait_until_ready(self, pid: int) -> bool:
        """Wait through a crash recovery, as long as it takes; False when the server went away."""
        deadline = time.monotonic() + _SILENCE_S
        while is_alive(pid):
            answer = self._ping()
            if answer == Ping.OK:
                return True
            if answer == Ping.REJECT:  # it listens, and says that it is not ready
                deadline = time.monotonic() + _SILENCE_S
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"the database in {self.folder} (process {pid}) runs but does not answer; "
                    f"see {self.log}, or end that process"
                )
            time.sleep(0.05)
        return False

    def _stop(self) -> None:
        command = [self.binaries.program("pg_ctl"), "stop", "-D", str(self.data), "-w"]
        try:
            self._account.run([*command, "-m", "fast", "-t", "60"])
        except Unavailable:
            if self._postmaster() is not None:
                self._account.run([*command, "-m", "immediate", "-t", "30"])

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not known:
                create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
                connection.execute(create.format(sql.Identifier(DATABASE)))
        with psycopg.connect(self.url()) as connection:
            has = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
            for extension in set(EXTENSIONS) - has:
                create = sql.SQL("CREATE EXTENSION {}")
                connection.execute(create.format(sql.Identifier(extension)))

    def _ping(self) -> Ping:
        if not self._exists():
            return Ping.NO_RESPONSE
        return Ping(PGconn.ping(self.url("postgres").encode()))

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []

    def _is_ready(self) -> bool:
        lines = self._pid_file()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _postmaster(self) -> int | None:
        """Return the process that serves this data, never one that merely got its number."""
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        if not is_alive(pid):
            return None
        try:
            serves = Path(f"/proc/{pid}/cwd").readlink() == self.data
        except OSError:
            return None
        return pid if serves else None

    def _forget_the_dead(self) -> None:
        """Remove a pid file whose number went to another process: PostgreSQL would believe it."""
        lines = self._pid_file()
        if lines and lines[0].strip().isdigit() and occurs(int(lines[0])):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _said_since(self, position: int) -> str:
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            file.seek(position)
            return file.read(20_000).decode(errors="replace")
        return ""

    def _socket_folder(self) -> Path:
        """Return where the running server listens, which another environment may have chosen."""
        lines = self._pid_file()
        if len(lines) > 4 and lines[4].strip():
            return Path(lines[4].strip())
        return self._choose_socket_folder()

    def _choose_socket_folder(self) -> Path:
        return choose_socket_folder(self.home, self._account.uid)


def _make_folder(folder: Path) -> None:
    if folder.exists():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
        # Under root the server's account must pass through, whatever the umask is.
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
