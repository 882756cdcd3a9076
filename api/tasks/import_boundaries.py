"""How do boundaries get from a file into a plan?

Read → assemble and check → repair if that was agreed to → keep as the staged revision, or publish.
One transaction; a layer with faults that were not accepted by name leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import shapely
from sqlalchemy import Connection

from api.tasks.publishing import publish_staged
from gis.coords import check_metric_srid, estimate_metric_srid
from gis.errors import InputError, Refused
from gis.files.boundaries import BoundaryLayer, read_boundaries
from gis.plan import Finding, Level, Plan
from gis.plan.assembly import Assembly, assemble
from gis.plan.findings import find_blocking, format_m2, summarise
from gis.plan.repair import PlanRepair, RepairChoice
from gis.store.database import Database
from gis.store.plans import (
    Series,
    ensure_series,
    list_series,
    load_plan,
    revision_summaries,
    stage,
)
from gis.store.sessions import transaction

_REPAIRABLE = {"overlaps", "gaps", "nesting"}
_WIDER = {"gaps": "--fill-gaps", "overlaps": "--settle-overlaps"}


@dataclass(frozen=True, slots=True)
class BoundaryChoices:
    """What the person who imports has said about the file."""

    code: str | None = None
    name: str | None = None
    level: Level | None = None
    level_field: str | None = None
    parent: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    dissolve: bool = False
    accepted: Collection[str] = ()
    repair: RepairChoice | None = None
    plan: str = ""
    title: str = ""
    metric_crs: str | None = None
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class BoundaryImport:
    """A layer that was read and checked, and what it became.

    ``repair`` is what was done where that was agreed to, and ``before`` the findings until then;
    ``offer`` says in one line what a repair would do where none was agreed to.
    """

    series: str
    plan: Plan | None
    findings: list[Finding]
    file: Path
    notes: list[str]
    accepted: Collection[str]
    metric_srid: int
    revision_id: int | None = None
    effective_from: datetime | None = None
    published: bool = False
    blocking: list[Finding] = field(default_factory=list)
    before: list[Finding] = field(default_factory=list)
    repair: PlanRepair | None = None
    offer: str = ""

    def check(self) -> None:
        """Refuse the layer when faults remain that nobody accepted.

        Raises
        ------
        Refused
            Names the checks to mend, or to accept.
        """
        if self.plan is not None and not self.blocking:
            return
        rows = summarise(self.blocking)
        named = [row.check for row in rows]
        counts = ", ".join(f"{row.check} {row.count:,}" for row in rows)
        raise Refused(
            f"{len(self.blocking):,} faults stop this plan ({counts}); nothing was kept. "
            f"The first: {rows[0].worst.message}. {self._advise(named)}",
            checks=named,
        )

    def _advise(self, checks: list[str]) -> str:
        if self.offer:
            return f"{self.offer[0].upper()}{self.offer[1:]}. {_advise(checks)}"
        wider = [option for check, option in _WIDER.items() if check in checks]
        if self.repair is None or not wider:
            return _advise(checks)
        return f"{_advise(checks)}; with {' and '.join(wider)} they go to the neighbours"


def check_boundaries(
    connection: Connection, path: Path, choices: BoundaryChoices
) -> BoundaryImport:
    """Read and check a boundary file against the plan that it would become part of; keep nothing.

    Parameters
    ----------
    connection
        To read the plan in force from, whose other levels are kept.
    path
        GeoJSON, GeoPackage, Shapefile (``.shp`` or ``.zip``) or KML.
    choices
        Columns, levels, CRS and accepted faults.
    """
    layer = read_boundaries(path, crs=choices.crs, encoding=choices.encoding, layer=choices.layer)
    if all(each.geometry is None or each.geometry.is_empty for each in layer.features):
        raise InputError(
            f"{path.name}: there is no area in it that is wider than 1e-7°; export polygons, and "
            "check the CRS",
            file=path.name,
        )
    series = _find_series(connection, choices.plan)
    base = _base_plan(connection, series) if series else None
    if base is not None:
        _check_place(layer, base, choices.plan)
    srid = series.metric_srid if series else _choose_srid(layer, choices.metric_crs)
    made = assemble(
        layer.features,
        level=choices.level,
        level_field=choices.level_field,
        code_field=choices.code,
        name_field=choices.name,
        parent_field=choices.parent,
        dissolve=choices.dissolve,
        base=base,
        accepted=choices.accepted,
        metric_srid=srid,
        repair=choices.repair,
    )
    findings = list(made.findings)
    blocking = find_blocking(findings, choices.accepted)
    return BoundaryImport(
        series=choices.plan,
        plan=made.plan,
        findings=findings,
        file=path,
        notes=layer.notes,
        accepted=choices.accepted,
        metric_srid=srid,
        blocking=blocking,
        before=made.before,
        repair=made.repair,
        offer="" if made.repair else describe_offer(made, blocking, metric_srid=srid),
    )


def describe_offer(made: Assembly, blocking: Collection[Finding], *, metric_srid: int) -> str:
    """Say in one line what ``--repair`` would do about the faults that stop a layer.

    Nothing is changed: the repair is tried on a copy. Empty where it would not help.
    """
    if made.plan is None or not _REPAIRABLE & {finding.check for finding in blocking}:
        return ""
    tried = made.repaired(RepairChoice(), metric_srid=metric_srid)
    if tried.repair is None:
        return ""
    counts = count_repaired(made.findings, tried.findings)
    closed = " and ".join(
        f"{before - after:,} {check}" for check, (before, after) in counts.items() if before > after
    )
    if not closed:
        return ""
    left = ", ".join(f"{after:,} {check}" for check, (_, after) in counts.items() if after)
    return (
        f"with --repair: {closed} closed, nothing moves more than {tried.repair.moved_m:.2f} m, "
        f"{format_m2(tried.repair.repair.size_m2)} change hands"
        + (f"; {left} are wider than 1 m and stay" if left else "")
    )


def count_repaired(
    before: Collection[Finding], after: Collection[Finding]
) -> dict[str, tuple[int, int]]:
    """Count the errors of each check that a repair can help, before and after it."""
    return {
        check: (_count_errors(before, check), _count_errors(after, check))
        for check in sorted(_REPAIRABLE, reverse=True)
    }


def _count_errors(findings: Collection[Finding], check: str) -> int:
    return sum(finding.check == check for finding in find_blocking(findings))


def keep_boundaries(
    connection: Connection,
    checked: BoundaryImport,
    choices: BoundaryChoices,
    *,
    actor: str,
    publish_now: bool,
    effective_from: datetime | None,
) -> BoundaryImport:
    """Stage a checked layer, and publish it if wanted, in the caller's transaction."""
    checked.check()
    assert checked.plan is not None  # noqa: S101 (check() refuses a missing plan)
    series = ensure_series(
        connection,
        choices.plan,
        title=choices.title or choices.plan,
        metric_srid=checked.metric_srid,
        time_zone=choices.time_zone,
    )
    note = checked.file.name
    if choices.accepted:
        note += f"; accepted: {','.join(sorted(choices.accepted))}"
    if checked.repair is not None and checked.repair.repair.pieces:
        note += f"; repaired: {format_m2(checked.repair.repair.size_m2)} changed hands"
    revision_id = stage(connection, series, checked.plan, note=note, actor=actor)
    if publish_now:
        done = publish_staged(connection, series, effective_from=effective_from, actor=actor)
        effective_from = done.effective_from
    return replace(
        checked,
        series=series.name,
        metric_srid=series.metric_srid,
        revision_id=revision_id,
        effective_from=effective_from if publish_now else None,
        published=publish_now,
    )


def import_boundaries(
    database: Database,
    path: Path,
    choices: BoundaryChoices,
    *,
    actor: str = "local",
    publish_now: bool = False,
    effective_from: datetime | None = None,
) -> BoundaryImport:
    """Read, check and keep a boundary file in one transaction."""
    with transaction(database.engine) as connection:
        checked = check_boundaries(connection, path, choices)
        return keep_boundaries(
            connection,
            checked,
            choices,
            actor=actor,
            publish_now=publish_now,
            effective_from=effective_from,
        )


def _find_series(connection: Connection, name: str) -> Series | None:
    return next((series for series in list_series(connection) if series.name == name), None)


def _base_plan(connection: Connection, series: Series) -> Plan | None:
    """Return the staged plan, so that levels can come from several files, else the last one."""
    summaries = revision_summaries(connection, series)
    return load_plan(connection, summaries[-1].id) if summaries else None


def _check_place(layer: BoundaryLayer, base: Plan, name: str) -> None:
    ours = shapely.box(*shapely.total_bounds([grid.geometry for grid in base]))
    theirs = shapely.box(*shapely.total_bounds([each.geometry for each in layer.features]))
    if not ours.intersects(theirs):
        west, south, east, north = (round(value, 4) for value in theirs.bounds)
        raise InputError(
            f"the file lies at {west}…{east}, {south}…{north}, outside plan {name!r}; "
            "check its CRS, or name another plan with --plan",
            bounds=[west, south, east, north],
        )


def _choose_srid(layer: BoundaryLayer, metric_crs: str | None) -> int:
    if metric_crs:
        return check_metric_srid(metric_crs)
    west, south, east, north = shapely.total_bounds([each.geometry for each in layer.features])
    return estimate_metric_srid((west + east) / 2, (south + north) / 2)


def _advise(checks: list[str]) -> str:
    acceptable = [check for check in checks if check != "duplicates"]
    merge = "Merge rows of one code with --dissolve" if "duplicates" in checks else ""
    accept = f"take faults as they are with --accept {','.join(acceptable)}"
    if not acceptable:
        return f"{merge}, or mend the file"
    return f"{merge}, and {accept}" if merge else f"Mend the file, or {accept}"
