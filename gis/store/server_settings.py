"""With which settings does the private server run?

Meant for two cores and a few gigabytes of memory: little disk, no network, and no compiling of
queries, which costs more than it gives at this size.
"""

from __future__ import annotations

from pathlib import Path

PORT = 5432
"""Only a part of the socket's file name: the server listens on no network port."""

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "min_wal_size": "80MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
# Answers to a crash are given up: for databases that a test makes and throws away.
_EPHEMERAL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
}


def settings_text(socket_folder: Path, *, ephemeral: bool) -> str:
    """Return the text of a configuration file.

    Parameters
    ----------
    socket_folder
        Where the Unix socket is made.
    ephemeral
        True to give up answers to a crash for speed.
    """
    settings = {**_SETTINGS, **(_EPHEMERAL if ephemeral else {})}
    settings["unix_socket_directories"] = str(socket_folder)
    lines = [f"{name} = '{_escape(value)}'\n" for name, value in settings.items()]
    return "# Written anew at every start.\n" + "".join(lines)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
