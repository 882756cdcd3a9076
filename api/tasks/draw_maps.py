"""How does a map become a page or a file?"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gis.errors import Refused
from gis.plan import Revision
from gis.store.plans import Series
from maps.layers import BaseMap
from maps.lookup import LookupView, draw_lookup
from maps.offline import AssetMode


def lookup_page(
    series: Series, revision: Revision, base: BaseMap, *, lang: str, assets: AssetMode
) -> str:
    """Draw the page that asks for the grid of a place as HTML; needs no database."""
    view = LookupView(
        title=series.title or series.name,
        grids=revision.plan.grids,
        zone=series.time_zone,
        revision_id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    )
    return draw_lookup(view, base, lang, assets)


def write_page(html: str, file: Path) -> None:
    """Write a page; the file is either the whole new one or what it was before."""
    if file.exists() and not file.is_file():
        raise Refused(f"cannot write {file}: it is no ordinary file", file=str(file))
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(html, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise Refused(f"cannot write {file}: {error.strerror}", file=str(file)) from None


def choose_revision(revisions: list[Revision], series: Series, at: datetime) -> Revision:
    """Return the revision of a series that is in force at an instant, or refuse."""
    for revision in revisions:
        if revision.in_force(at):
            return revision
    raise Refused(f"no revision of plan {series.name!r} is in force at {at.isoformat()}")
