"""What does a draft look like, what is wrong with it, and what would it change?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.answers.draft_schemas import FindingsAnswer
from api.answers.drafts import tell_findings
from api.answers.geojson import GEOJSON, Box, answer_geojson, dump, keep_within, write_collection
from api.answers.impact import tell_impact
from api.answers.tables import answer_file, answer_tables
from api.principal import Asker
from api.routes.asked import AskedLanguage, DraftId, OurWorkshop
from api.tasks.comparing import Compared, compare_draft, read_against
from api.tasks.measuring import measure_rows
from gis.coords import STORAGE_CRS
from gis.files.impact import tabulate_impact, write_impact_geojson
from gis.files.plans import Encoding, PlanFormat, write_plan
from gis.plan import Level
from gis.plan.arcs import write_topojson
from maps.diff import draw_diff
from maps.offline import ServedAssets

router = APIRouter(prefix="/v1/drafts/{draft_id}", tags=["drafts"])
ImpactFormat = Literal["json", "csv", "xlsx", "geojson", "html"]
AskedFormat = Annotated[
    ImpactFormat,
    Query(alias="format", description="`csv` is a zip archive; `html` the map of both states."),
]
OfLevel = Annotated[Level | None, Query(description="Only this level; all when left out.")]
OnLevel = Annotated[
    Level | None, Query(description="`grid` when left out, if there is that level.")
]


@router.get("/grids", summary="The grids of a draft, as GeoJSON")
def show_grids(
    draft_id: DraftId, workshop: OurWorkshop, _: Asker, level: OfLevel = None, bbox: Box = None
) -> Response:
    """Return the grids in ascending (level, code) order, and the version that they belong to."""
    with workshop.at_draft(draft_id) as bench:
        plan, version = bench.plan(), bench.draft.version
    grids = keep_within(plan.grids if level is None else plan.at(level), bbox)
    return answer_geojson(write_collection(grids) | {"version": version})


@router.get("/topology", summary="A draft as arcs, each border once (TopoJSON)")
def show_topology(draft_id: DraftId, workshop: OurWorkshop, _: Asker) -> Response:
    """Return all levels of a draft without loss; every border is there once."""
    with workshop.at_draft(draft_id) as bench:
        plan, version = bench.plan(), bench.draft.version
    return Response(
        dump(write_topojson(plan) | {"version": version}), media_type="application/json"
    )


@router.get("/export", summary="A draft as a file that other programs read")
def export(
    draft_id: DraftId,
    workshop: OurWorkshop,
    _: Asker,
    form: Annotated[
        PlanFormat, Query(alias="format", description="`shp` is a zip archive of shapefiles.")
    ] = "geojson",
    crs: Annotated[
        str, Query(max_length=100, description="System of the coordinates.")
    ] = STORAGE_CRS,
    encoding: Annotated[Encoding, Query(description="Of the texts in a shapefile.")] = "UTF-8",
    level: Annotated[
        list[Level] | None,
        Query(max_length=5, description="Only this level; may be repeated."),
    ] = None,
) -> Response:
    """Return a file; `encoding` is that of the texts in a shapefile."""
    with workshop.at_draft(draft_id) as bench:
        plan, name = bench.plan(), bench.draft.name
    found = write_plan(plan, form, crs=crs, levels=level, encoding=encoding)
    return answer_file(found.content, f"{name}{found.suffix}", found.media_type)


@router.get("/findings", summary="What the checks say of a draft")
def show_findings(draft_id: DraftId, workshop: OurWorkshop, _: Asker) -> FindingsAnswer:
    """Run every check on the whole draft, errors first."""
    with workshop.at_draft(draft_id) as bench:
        return tell_findings(bench.draft.version, bench.check(bench.plan()))


@router.get("/measures", summary="How large, how compact and how busy the grids are")
def show_measures(
    draft_id: DraftId, workshop: OurWorkshop, _: Asker, level: OfLevel = None
) -> dict[str, Any]:
    """Return area, shape, work and load of every grid; what nobody counted is left out."""
    with workshop.at_draft(draft_id) as bench:
        plan, ground, srid = bench.plan(), bench.ground, bench.series.metric_srid
    codes = [grid.code for grid in (plan.grids if level is None else plan.at(level))]
    rows = measure_rows(plan, codes, ground, workshop.limits, metric_srid=srid)
    return {"version": bench.draft.version, "measures": list(rows.values())}


@router.get("/impact", summary="What a draft changes, and for whom", response_model=None)
def show_impact(
    draft_id: DraftId,
    workshop: OurWorkshop,
    lang: AskedLanguage,
    _: Asker,
    against: Annotated[
        str,
        Query(
            max_length=20,
            description="`base`, `current`, or the id of a revision.",
            examples=["base", "current", "7"],
        ),
    ] = "base",
    level: OnLevel = None,
    form: AskedFormat = "json",
) -> Response:
    """Compare with the `base`, with the `current` revision, or with any by its id.

    `html` is the map of both states.
    """
    with workshop.at_draft(draft_id) as bench:
        compared = compare_draft(bench, read_against(against), level)
        base = workshop.find_base(bench.connection, bench.series)
    if form == "html":
        return HTMLResponse(draw_diff(compared.view(), base, lang, ServedAssets()))
    return answer_impact(compared, form, lang, bench.draft.name)


def answer_impact(compared: Compared, form: ImpactFormat, lang: str, name: str) -> Response:
    """Return a comparison in one of its forms."""
    if form in ("csv", "xlsx"):
        return answer_tables(tabulate_impact(compared.impact, language=lang), form, name)
    if form == "geojson":
        return answer_file(write_impact_geojson(compared.impact), f"{name}.geojson", GEOJSON)
    return Response(dump(tell_impact(compared)), media_type="application/json")
