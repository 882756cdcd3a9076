"""Which database is it, does it run, and is it migrated?"""

from __future__ import annotations

from typing import Any

from api.settings import Settings
from gis.errors import Unavailable
from gis.store import migrate
from gis.store.database import private_cluster
from gis.store.sessions import open_engine


def describe_database(settings: Settings) -> dict[str, Any]:
    """Return facts about the database without starting or changing anything."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        return {"kind": "foreign", **_reach(url)}
    cluster = private_cluster(settings.data_folder)
    status = cluster.status()
    found: dict[str, Any] = {
        "kind": "private",
        "folder": str(cluster.folder),
        "running": status.running,
        "postgresql": status.major,
        "log": str(status.log),
    }
    return found | (_reach(cluster.url()) if status.running else {})


def _reach(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    hidden = engine.url.set(drivername="postgresql").render_as_string(hide_password=True)
    try:
        state = migrate.state(engine)
    except Unavailable as error:
        return {"url": hidden, "reached": False, "reason": error.message}
    finally:
        engine.dispose()
    return {
        "url": hidden,
        "reached": True,
        "migration": state.current,
        "newest": state.head,
        "up_to_date": state.is_current,
    }
