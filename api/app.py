"""How is the HTTP application put together?

``create_app(settings)`` is the one composition root of the server: it opens the database, loads the
plans into memory, warms the compiled index, and then says that it is ready.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from api.errors import add_error_answers
from api.events import DraftEvents
from api.geocoders import make_geocoder
from api.guards.headers import SafeHeaders
from api.guards.logs import RequestLog, configure_logs
from api.guards.same_site import SameSite
from api.guards.size import RequestSize
from api.live_plans import LivePlans
from api.routes import (
    draft_edits,
    draft_steps,
    draft_views,
    drafts,
    grids,
    health,
    locate,
    locate_batch,
    map_pages,
    pages,
    reports,
    revisions,
    trend,
    webhooks,
)
from api.settings import PROJECT_FOLDER, Settings
from api.tasks.workshop import make_workshop
from api.webhooks import Messenger
from gis.errors import Unavailable
from gis.store.database import Database, open_database, private_cluster
from gis.store.drafts import DRAFT_CHANNEL
from gis.store.sessions import driver_url, open_engine

STATIC_FOLDER = PROJECT_FOLDER / "api" / "static"
MAP_STATIC_FOLDER = PROJECT_FOLDER / "maps" / "static"

ROUTES = (
    locate,
    locate_batch,
    grids,
    drafts,
    draft_edits,
    draft_views,
    draft_steps,
    revisions,
    reports,
    trend,
    webhooks,
    health,
    map_pages,
    pages,
)

LONGEST_GOODBYE_S = 5.0

log = structlog.get_logger("wangge")

DESCRIPTION = """
Which grid covers a point, on any date? Every answer names the revision of the boundaries that it
was given on, and the time from which and until which that revision is in force.

* Longitudes and latitudes are degrees. `crs` says in which system they are: `wgs84` (default),
  `cgcs2000`, `gcj02` (Amap, Tencent), `bd09` (Baidu) or an EPSG code.
* Dates are ISO 8601. A date without an offset is in the time zone of the installation.
* Errors are problem details (RFC 9457): `detail` says what is wrong, where, and what to do.
"""


def create_app(
    settings: Settings | None = None,
    *,
    patience_s: float = 0.0,
    on_loaded: Callable[[], None] = lambda: None,
) -> FastAPI:
    """Return the application for one installation.

    Parameters
    ----------
    settings
        The choices of the installation; read from the environment when None.
    patience_s
        How long to wait for the plans before the first request is taken: one of several
        processes leaves requests to those that are ready.
    on_loaded
        Called whenever plans were loaded.
    """
    settings = settings or Settings()
    configure_logs(settings)
    app = FastAPI(
        title="Wangge 网格",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.patience_s = patience_s
    app.state.on_loaded = on_loaded
    add_error_answers(app)
    for routes in ROUTES:
        app.include_router(routes.router)
    app.mount("/static/maps", StaticFiles(directory=MAP_STATIC_FOLDER), name="map-static")
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER), name="static")
    app.mount(
        "/assets", StaticFiles(directory=settings.assets_folder, check_dir=False), name="assets"
    )
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(RequestSize)
    app.add_middleware(SameSite, host_names=settings.host_names)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestLog)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    database = _open_database(settings)
    stop = threading.Event()
    app.state.database = database
    app.state.live = LivePlans(database, settings, on_loaded=app.state.on_loaded)
    app.state.workshop = make_workshop(database, settings, app.state.live.find_base)
    app.state.geocoder = make_geocoder(settings)
    app.state.draft_events = DraftEvents(database.url, DRAFT_CHANNEL)
    background = (app.state.live, app.state.draft_events, Messenger(app.state.workshop))
    threads = [each.start(stop) for each in background]
    try:
        await asyncio.to_thread(app.state.live.wait, app.state.patience_s)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(LONGEST_GOODBYE_S)
        if app.state.geocoder is not None:
            app.state.geocoder.close()
        database.engine.dispose()


def _open_database(settings: Settings) -> Database:
    """Open the database; while it is away the process starts all the same, and is not ready.

    A worker that ended here would end all the others, which go on answering lookups.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else None
    try:
        return open_database(url, settings.data_folder)
    except Unavailable as error:
        log.warning("database-away", reason=error.message)
        engine = open_engine(url or private_cluster(settings.data_folder).url())
        return Database(engine, driver_url(engine), is_private=url is None)
