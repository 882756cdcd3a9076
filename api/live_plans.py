"""Which plans does this process answer from?

All published revisions are kept in memory with their compiled indexes, address books and base
maps, so that no lookup waits for the database. A thread listens for changes; what it loads replaces
the old set in a single assignment, so that no answer mixes two. While the database is away the last
set goes on answering.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

import structlog
from sqlalchemy import Connection

from api.settings import Settings
from api.tasks.figures import load_base_map
from api.tasks.gazetteers import gazetteer_version, load_gazetteer
from api.tasks.index_files import IndexFiles
from api.tasks.indexing import index_plan
from gis.errors import NotFound, Unavailable, WanggeError
from gis.locate import Locator, PlanIndex
from gis.locate.gazetteer import Gazetteer
from gis.plan import Revision
from gis.plan.lineage import LineageRow, trace_lineage
from gis.store.database import Database
from gis.store.lineage import load_lineage
from gis.store.listening import watch
from gis.store.plans import Series, list_series, load_revision, revision_summaries
from gis.store.sessions import transaction
from maps.layers import BaseMap

log = structlog.get_logger("wangge")

_NO_BOOK: tuple[Hashable, Gazetteer] = (None, Gazetteer(()))


@dataclass(frozen=True, slots=True)
class LivePlan:
    """One series with its published revisions, their indexes, and its base map.

    ``lineage`` tells by the id of a revision how its grids came from those of the one before;
    ``gazetteer`` is the address book; ``drawn`` keeps pages that were drawn from these values and
    nothing else.
    """

    series: Series
    revisions: Sequence[Revision]
    locator: Locator
    base: BaseMap
    lineage: Mapping[int, Sequence[LineageRow]] = field(default_factory=dict)
    gazetteer: Gazetteer = field(default_factory=lambda: Gazetteer(()))
    drawn: dict[Hashable, bytes] = field(default_factory=dict)

    def revision_at(self, at: datetime | None) -> Revision:
        """Return the revision in force at an instant, now by default.

        Raises
        ------
        NotFound
            No revision is in force then.
        """
        instant = at or datetime.now(UTC)
        for revision in self.revisions:
            if revision.in_force(instant):
                return revision
        raise NotFound(
            f"no revision of plan {self.series.name!r} is in force at {instant.isoformat()}",
            plan=self.series.name,
            at=instant.isoformat(),
        )


class LivePlans:
    """The plans in memory, kept up to date by a listening thread."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        on_loaded: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._on_loaded = on_loaded
        self._default = settings.plan
        self._files = IndexFiles(settings.index_folder)
        self._plans: Mapping[str, LivePlan] | None = None
        self._revisions: dict[int, Revision] = {}
        self._indexes: dict[int, PlanIndex] = {}
        self._traced: dict[int, Sequence[LineageRow]] = {}
        self._gazetteers: dict[str, tuple[Hashable, Gazetteer]] = {}
        self._loaded = threading.Event()
        self.why_not_ready = "the compiled index is being loaded"

    def start(self, stop: threading.Event) -> threading.Thread:
        """Compile, load, and keep listening until ``stop`` is set."""
        thread = threading.Thread(target=self._run, args=(stop,), name="live-plans", daemon=True)
        thread.start()
        return thread

    def _run(self, stop: threading.Event) -> None:
        PlanIndex.warm()
        self.why_not_ready = "the plans are being loaded from the database"
        watch(self._database.url, self._try_reload, stop)

    def _try_reload(self) -> None:
        try:
            self.reload()
        except WanggeError as error:
            self.why_not_ready = error.message
            raise

    def reload(self) -> None:
        """Load what was published and switch to it at once; then the address books that changed.

        A publish does not wait for address books, which take longer to load: until then the plan
        goes on with the book it has.
        """
        with transaction(self._database.engine) as connection:
            plans = self._load(connection)
        if self._gazetteers.keys() >= plans.keys():
            self._plans = plans
        with transaction(self._database.engine) as connection:
            self._plans = {
                name: replace(plan, gazetteer=self._find_gazetteer(connection, plan))
                for name, plan in plans.items()
            }
        self._loaded.set()
        self._forget_all_but(plans.values())
        self._files.remove_unused()
        self._on_loaded()
        log.info("plans-loaded", plans={name: len(plan.revisions) for name, plan in plans.items()})

    def _load(self, connection: Connection) -> dict[str, LivePlan]:
        plans = {}
        for series in list_series(connection):
            revisions = self._load_revisions(connection, series)
            if revisions:
                plans[series.name] = LivePlan(
                    series,
                    revisions,
                    self._locator(series, revisions),
                    load_base_map(connection, series),
                    self._lineage(connection, series, revisions),
                    self._gazetteers.get(series.name, _NO_BOOK)[1],
                )
        return plans

    def _load_revisions(self, connection: Connection, series: Series) -> list[Revision]:
        """Return all published revisions: grids never change, but where a revision ends does."""
        found = [each for each in revision_summaries(connection, series) if not each.staged]
        for each in found:
            known = self._revisions.get(each.id) or load_revision(connection, each.id)
            self._revisions[each.id] = replace(
                known, effective_from=each.effective_from, effective_to=each.effective_to
            )
        return [self._revisions[each.id] for each in found]

    def _lineage(
        self, connection: Connection, series: Series, revisions: Sequence[Revision]
    ) -> dict[int, Sequence[LineageRow]]:
        """Return the lineage of each revision; what nobody wrote down is traced, once."""
        for before, after in pairwise(revisions):
            if after.id not in self._traced:
                self._traced[after.id] = load_lineage(connection, after.id) or trace_lineage(
                    before.plan, after.plan, metric_srid=series.metric_srid
                )
        return {after.id: self._traced[after.id] for _, after in pairwise(revisions)}

    def _locator(self, series: Series, revisions: Sequence[Revision]) -> Locator:
        for revision in revisions:
            known = self._indexes.get(revision.id)
            self._indexes[revision.id] = (
                index_plan(revision, series.metric_srid, self._files)
                if known is None
                else known.with_validity(revision.effective_from, revision.effective_to)
            )
        return Locator(self._indexes[revision.id] for revision in revisions)

    def _find_gazetteer(self, connection: Connection, plan: LivePlan) -> Gazetteer:
        """Return the address book of a plan; its entries also know the plan's own names."""
        version = (
            gazetteer_version(connection, plan.series),
            tuple(index.revision for index in plan.locator.indexes),
        )
        known, book = self._gazetteers.get(plan.series.name, _NO_BOOK)
        if known != version:
            book = load_gazetteer(connection, plan.series, plan.locator)
            self._gazetteers[plan.series.name] = version, book
        return book

    def _forget_all_but(self, plans: Collection[LivePlan]) -> None:
        kept = {revision.id for plan in plans for revision in plan.revisions}
        for known in (self._revisions, self._indexes, self._traced):
            for gone in known.keys() - kept:
                del known[gone]
        for name in self._gazetteers.keys() - {plan.series.name for plan in plans}:
            del self._gazetteers[name]

    @property
    def ready(self) -> bool:
        """Whether lookups can be answered."""
        return self._plans is not None

    def wait(self, longest_s: float) -> bool:
        """Wait until lookups can be answered; tell whether they can."""
        return self._loaded.wait(longest_s)

    @property
    def names(self) -> list[str]:
        """The names of the plans, in order."""
        return sorted(self._plans or ())

    def find_base(self, connection: Connection, series: Series) -> BaseMap:
        """Return the base map of a series from memory, else from the database."""
        known = (self._plans or {}).get(series.name)
        return known.base if known else load_base_map(connection, series)

    def choose(self, name: str | None) -> LivePlan:
        """Return a plan by its name; without a name the default, or the only one there is.

        Raises
        ------
        Unavailable
            Nothing is loaded yet.
        NotFound
            There is no such plan, or no name was given and there are several.
        """
        if self._plans is None:
            raise Unavailable(f"not ready: {self.why_not_ready}")
        wanted = name or self._default
        if wanted is None and len(self._plans) == 1:
            return next(iter(self._plans.values()))
        if wanted is None:
            raise NotFound(_say_which(self.names), plans=self.names)
        try:
            return self._plans[wanted]
        except KeyError:
            raise NotFound(
                f"there is no published plan {wanted[:80]!r}", plans=self.names
            ) from None


def _say_which(names: Sequence[str]) -> str:
    if not names:
        return "no plan is published yet; import boundaries and publish them"
    return f"say which plan you mean with plan=: {', '.join(names)}"
