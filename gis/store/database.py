"""Which database does a command work on, and is it ready?

Without an address it is the private cluster of the data folder, which is made, started and
migrated as needed. A database that someone else runs is never changed unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from gis.store import migrate
from gis.store.cluster import Cluster, cluster_folder
from gis.store.sessions import driver_url, open_engine


@dataclass(frozen=True, slots=True)
class Database:
    """A database that has all tables; ``url`` is as libpq reads it, with its password."""

    engine: Engine
    url: str
    is_private: bool


def private_cluster(data_folder: Path) -> Cluster:
    """Return the cluster that belongs to a data folder, in whatever state it is."""
    return Cluster(cluster_folder(data_folder))


def open_database(
    url: str | None, data_folder: Path, *, upgrade: bool = False, pool_size: int = 5
) -> Database:
    """Return a database that is ready to work with.

    Parameters
    ----------
    url
        Address of a PostgreSQL database with PostGIS; None for the private cluster.
    data_folder
        Folder of the private cluster; not touched when there is an address.
    upgrade
        True to run migrations on a database that has an address; the private one always gets
        them.
    pool_size
        How many connections may be open at once.

    Raises
    ------
    Unavailable
        The database is away, or lacks tables: the message says how to make them.
    Refused
        The database was made by a newer program.
    """
    address = url or private_cluster(data_folder).ensure()
    engine = open_engine(address, pool_size=pool_size)
    try:
        if url is None or upgrade:
            migrate.upgrade(engine)
        else:
            migrate.require_current(engine)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine, driver_url(engine), is_private=url is None)
