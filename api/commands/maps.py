"""``wangge map``: maps as files that need nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands.choosing import (
    AfterRevision,
    BeforeRevision,
    DraftNumber,
    choose_before,
    choose_side,
)
from api.commands.opening import PlanName, at_work, connected, find_series
from api.commands.output import say
from api.dates import parse_instant
from api.settings import Settings
from api.tasks.comparing import compare_sides
from api.tasks.draw_maps import choose_revision, write_page
from api.tasks.figures import ReportFilter, gather_coverage, gather_density, load_base_map
from gis.plan import Level
from gis.reports.trend import Basis
from gis.store.plans import load_revisions
from maps.cameras import draw_coverage
from maps.density import draw_density
from maps.diff import draw_diff
from maps.offline import InlineAssets
from maps.text import choose_language

app = typer.Typer(no_args_is_help=True, help="Maps as HTML files that work without a network.")

Output = Annotated[Path, typer.Option("-o", "--output", help="HTML file to write.")]
Language = Annotated[str | None, typer.Option("--lang", help="zh or en.")]
At = Annotated[str | None, typer.Option("--at", help="Use the boundaries in force on this date.")]


@app.command()
def density(
    output: Output,
    since: Annotated[str | None, typer.Option("--since", help="First day of the period.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The day after the last.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this kind.")] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only this category.")
    ] = None,
    at: At = None,
    as_was: Annotated[
        bool, typer.Option("--as-was", help="Count each report in the grid of its day.")
    ] = False,
    plan: PlanName = None,
    lang: Language = None,
) -> None:
    """Draw how dense reports are: per grid, per km², per 1,000 households, and smoothed."""
    settings = Settings()
    chosen = ReportFilter(
        since=parse_instant(since, settings.zone) if since else None,
        until=parse_instant(until, settings.zone) if until else None,
        kinds=kind or None,
        categories=category or None,
    )
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        instant = parse_instant(at, settings.zone) if at else datetime.now(UTC)
        revision = choose_revision(load_revisions(connection, series), series, instant)
        base = load_base_map(connection, series)
        basis = Basis.AS_WAS if as_was else Basis.REVISION
        view = gather_density(connection, series, revision, chosen, base, basis=basis)
    language = choose_language(lang or settings.language)
    _write(draw_density(view, base, language, InlineAssets(settings.assets_folder)), output)


@app.command()
def coverage(output: Output, at: At = None, plan: PlanName = None, lang: Language = None) -> None:
    """Draw what the cameras see: sectors, covered share of each grid, grids without any."""
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        instant = parse_instant(at, settings.zone) if at else datetime.now(UTC)
        revision = choose_revision(load_revisions(connection, series), series, instant)
        base = load_base_map(connection, series)
        view = gather_coverage(connection, series, revision, base)
    language = choose_language(lang or settings.language)
    _write(draw_coverage(view, base, language, InlineAssets(settings.assets_folder)), output)


@app.command()
def diff(
    output: Output,
    before: BeforeRevision = None,
    after: AfterRevision = None,
    draft: DraftNumber = None,
    level: Annotated[Level | None, typer.Option("--level", help="grid, if there is it.")] = None,
    plan: PlanName = None,
    lang: Language = None,
) -> None:
    """Draw what changes between two revisions, or from one to a draft."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        series = find_series(connection, plan, settings)
        compared = compare_sides(
            workshop,
            connection,
            series,
            choose_before(connection, series, before),
            choose_side(workshop, connection, series, revision=after, draft=draft),
            level,
        )
        base = load_base_map(connection, series)
    language = choose_language(lang or settings.language)
    assets = InlineAssets(settings.assets_folder)
    _write(draw_diff(compared.view(), base, language, assets), output)


def _write(html: str, output: Path) -> None:
    write_page(html, output)
    say(f"written: {output} ({output.stat().st_size / 1e6:.2f} MB)")
