"""How does a plan in the database become the value that locates rows?"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import Connection

from api.settings import Settings
from api.tasks.gazetteers import gazetteer_version, load_gazetteer
from api.tasks.index_files import IndexFiles
from api.tasks.indexing import index_plan
from api.tasks.locate_rows import RowLocator
from gis.locate import Locator
from gis.store.plans import Series, load_revisions


def load_row_locator(
    connection: Connection,
    series: Series,
    settings: Settings,
    *,
    at: datetime | None,
    near_m: float | None,
    with_addresses: bool,
    with_dates: bool,
) -> tuple[RowLocator, str]:
    """Return the locator of a plan, and a digest of all that its answers depend on.

    Parameters
    ----------
    at
        The common date; now if None.
    with_addresses
        Whether the address book is needed.
    with_dates
        Whether rows have dates of their own; otherwise one revision is enough.

    Raises
    ------
    NotFound
        No revision is in force at the common date.
    """
    moment = at or datetime.now(UTC)
    revisions = load_revisions(connection, series)
    if not with_addresses and not with_dates:
        revisions = [each for each in revisions if each.in_force(moment)] or revisions
    files = IndexFiles(settings.index_folder)
    indexes = [index_plan(each, series.metric_srid, files) for each in revisions]
    book = load_gazetteer(connection, series, Locator(indexes)) if with_addresses else None
    version = gazetteer_version(connection, series) if with_addresses else None
    locator = RowLocator(indexes, book, at=moment, near_m=near_m, zone=settings.zone)
    locator.check_date()
    in_force = Locator(indexes).find(moment).revision.id
    parts = (series.name, locator.revisions, in_force, near_m, repr(version), str(settings.zone))
    # Names of addresses depend on the day, positions only on the revision.
    parts += (moment.date().isoformat(),) if with_addresses else ()
    digest = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
    return locator, digest
