"""What does everybody who works on drafts need at hand?

The one place where routes and commands meet the domain and the store: the database, what is known
of the ground, the limits of the installation, and the plans of drafts that were asked for last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from api.settings import Settings
from api.tasks.figures import load_base_map
from api.tasks.ground import Ground, Grounds
from gis.plan import Finding, Plan
from gis.plan.checks import Limits, check_plan
from gis.plan.drafts import DraftState, KnownPlans
from gis.store import drafts
from gis.store.database import Database
from gis.store.drafts import Draft
from gis.store.lineage import used_codes
from gis.store.plans import Series, get_series, load_plan
from gis.store.sessions import transaction
from maps.layers import BaseMap

LONGEST_QUERY_S = 60.0

FindBase = Callable[[Connection, Series], BaseMap]


@dataclass(frozen=True)
class Workshop:
    """What a process keeps while drafts are worked on.

    Parameters
    ----------
    limits
        What the district asks of its grids.
    find_base
        Where the base map of a series comes from: from memory in a server.
    """

    database: Database
    limits: Limits
    find_base: FindBase = load_base_map
    known: KnownPlans = field(default_factory=KnownPlans)
    grounds: Grounds = field(default_factory=Grounds)
    publishing: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Open a transaction; what was done in it is kept only if nothing is raised."""
        with transaction(self.database.engine, query_timeout_s=LONGEST_QUERY_S) as connection:
            yield connection

    @contextmanager
    def at_draft(self, draft_id: int, *, for_update: bool = False) -> Iterator[Bench]:
        """Open a transaction to work on one draft; ``for_update`` keeps others away from it."""
        with self.open() as connection:
            draft = drafts.get(connection, draft_id, for_update=for_update)
            yield Bench(self, connection, get_series(connection, draft.series), draft)

    def ground(self, connection: Connection, series: Series) -> Ground:
        """Return what is known of the ground of a series."""
        return self.grounds.of(connection, series, self.find_base(connection, series))


@dataclass(frozen=True, slots=True)
class Bench:
    """A draft in a transaction, and everything that is needed to work on it."""

    workshop: Workshop
    connection: Connection
    series: Series
    draft: Draft

    @property
    def ground(self) -> Ground:
        """What is known of the ground of the district."""
        return self.workshop.ground(self.connection, self.series)

    @property
    def known(self) -> KnownPlans:
        """The plans of drafts that this process has at hand."""
        return self.workshop.known

    def plan(self) -> Plan:
        """Return the plan of the draft as it is now."""
        return drafts.current_plan(self.connection, self.draft, known=self.known)

    def base_plan(self) -> Plan:
        """Return the plan that the draft began with."""
        state = DraftState(self.draft.base, ())
        plan = self.known.get(state)
        if plan is None:
            plan = load_plan(self.connection, self.draft.base)
            self.known.keep(state, plan)
        return plan

    def used(self) -> frozenset[str]:
        """Return every code that any revision of the series ever had."""
        return frozenset(used_codes(self.connection, self.series.id))

    def check(self, plan: Plan) -> list[Finding]:
        """Run every check on a plan that would replace the base."""
        ground = self.ground
        return check_plan(
            plan,
            metric_srid=self.series.metric_srid,
            work=ground.work,
            buildings=ground.buildings,
            base=ground.base,
            limits=self.workshop.limits,
            previous=self.base_plan(),
            used=self.used(),
        )


def make_workshop(
    database: Database, settings: Settings, find_base: FindBase = load_base_map
) -> Workshop:
    """Set up the workshop of a process."""
    return Workshop(database, settings.limits, find_base)
