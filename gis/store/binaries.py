"""Which PostgreSQL programs of this machine can serve PostGIS, and as whom may they run?

A PostgreSQL server refuses to run as root, so under root every program is started through
``setpriv`` as the account that owns the data (``postgres`` for a new cluster).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Unavailable

SUPPORTED_MAJORS = (18, 17, 16, 15)
SERVER_ACCOUNT = "postgres"
_LIBRARIES = Path("/usr/lib/postgresql")
_SHARES = Path("/usr/share/postgresql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one major version of PostgreSQL."""

    major: int
    folder: Path

    def program(self, name: str) -> str:
        """Return the full path of a program such as ``pg_dump``."""
        return str(self.folder / name)


def installed_binaries(libraries: Path = _LIBRARIES, shares: Path = _SHARES) -> list[Binaries]:
    """List the installed PostgreSQL versions that have PostGIS, newest first."""
    found = []
    for major in SUPPORTED_MAJORS:
        folder = libraries / str(major) / "bin"
        has_postgis = (shares / str(major) / "extension" / "postgis.control").exists()
        if has_postgis and (folder / "postgres").exists() and (folder / "initdb").exists():
            found.append(Binaries(major, folder))
    return found


def choose_binaries(major: int | None, found: Sequence[Binaries] | None = None) -> Binaries:
    """Choose the programs for data of one major version, or the newest for new data.

    Parameters
    ----------
    major
        Version of existing data, None when there is no data yet.
    found
        What is installed, newest first; looked up when None.

    Raises
    ------
    Unavailable
        PostgreSQL with PostGIS is not installed, or not in the version that wrote the data.
    """
    installed = installed_binaries() if found is None else found
    for binaries in installed:
        if major in (None, binaries.major):
            return binaries
    if major is None:
        raise Unavailable(
            "PostgreSQL 15 to 18 with PostGIS is not installed; "
            "install it, on Debian and Ubuntu with: apt-get install postgresql-postgis"
        )
    has = ", ".join(str(each.major) for each in installed) or "none"
    raise Unavailable(
        f"the data was written by PostgreSQL {major}, and PostgreSQL {major} with PostGIS is not "
        f"installed (installed: {has}). Install postgresql-{major}-postgis-3; to move to a newer "
        "version run `wangge db backup` with the old one and `wangge db restore` with the new one",
        data_major=major,
    )


def client_program(name: str, major: int) -> str:
    """Return ``pg_dump`` or another client that fits a server: of its version, or a later one."""
    for fitting in range(major, max(SUPPORTED_MAJORS) + 1):
        path = _LIBRARIES / str(fitting) / "bin" / name
        if path.exists():
            return str(path)
    raise Unavailable(
        f"{name} of PostgreSQL {major} is not installed; install postgresql-client-{major}"
    )


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that a server runs as."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(self, command: Sequence[str], timeout_s: float = 120.0) -> str:
        """Run a program as this account and return its output.

        The folder is ``/`` since the caller's own may be closed to the account, and no ``PG*``
        variable of the caller is passed on, since each of them changes what the programs do.
        """
        done = subprocess.run(  # noqa: S603
            [*self.prefix, *command],
            cwd="/",
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            start_new_session=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip())[-2000:]
            raise Unavailable(f"{Path(command[0]).name} failed: {said}", program=command[0])
        return done.stdout

    def can_enter(self, folder: Path) -> bool:
        """Tell whether the account can reach a folder, through all folders above it."""
        if not self.prefix:
            return os.access(folder, os.X_OK)
        test = [*self.prefix, "test", "-x", str(folder)]
        return subprocess.run(test, cwd="/", check=False).returncode == 0  # noqa: S603


def account_for(data: Path) -> Account:
    """Return the account that serves the data in a folder, which need not exist yet."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, _become(owner.st_uid, owner.st_gid))
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise Unavailable(
            f"PostgreSQL refuses to run as root, and there is no account {SERVER_ACCOUNT!r}; "
            "install the distribution's PostgreSQL or run wangge as another user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, _become(entry.pw_uid, entry.pw_gid))


def plain_environment() -> dict[str, str]:
    """Return the environment without ``PG*`` variables, with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _become(uid: int, gid: int) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Unavailable("setpriv (package util-linux) is needed to run PostgreSQL under root")
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return (setpriv, "--reuid", str(uid), "--regid", str(gid), "--clear-groups")
    return (setpriv, "--reuid", str(uid), "--regid", str(gid), "--init-groups")
