"""How long does an edit take with all checks, beside looking through the whole plan again?

    python -m benchmarks.editing [--json] [--edits N] [--columns N]

A seeded plan of columns x columns grids with 36 corners each, in communities of 100 grids, a
subdistrict for each row of communities, and a district. Edits follow each other as in a draft whose
base was checked; each is applied and everything that it touched is checked. The peer does what has
to be done where a plan is a table of polygons: is every one valid, do they tile without slivers,
has their union still the same area; of the grids only, not of the levels above.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np
import shapely

from benchmarks.locate import SEED, machine
from benchmarks.peers import clock
from gis.coords import SANMING_METRIC_SRID
from gis.plan import Grid, Level, Plan
from gis.plan.arcs import SharedBorder, shared_borders
from gis.plan.chains import add, area_of, border_of
from gis.plan.checks import check_plan, check_touched
from gis.plan.edits import Edit, MovedPath, Reshape, Split, Transfer, apply_edit

STEP_DEG = 0.002
PIECES = 9
BLOCK = 10
GAP_WIDTH_DEG = 1e-5
ROUNDS = 5
BAR_EDIT_MS, BAR_CHECK_MS = 50.0, 500.0


def main() -> None:
    """Measure, print, and fail if anything is found wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--edits", type=int, default=30, help="of each kind")
    parser.add_argument("--columns", type=int, default=100)
    options = parser.parse_args()
    plan = build_plan(options.columns)
    results = measure(plan, options.edits)
    for result in results:
        print(json.dumps(result) if options.json else describe(result))
    assert not any(result["findings"] for result in results)


def build_plan(columns: int) -> Plan:
    """Draw a shaken board whose borders wind, and unite its grids to the levels above."""
    random = np.random.default_rng(SEED)
    rings = _draw_rings(columns, random)
    grids = []
    for x in range(columns):
        for y in range(columns):
            community = f"350402{x // BLOCK:03d}{y // BLOCK:03d}"
            code = f"{community}{x % BLOCK * BLOCK + y % BLOCK + 1:03d}"
            grids.append(Grid(code, code, Level.GRID, shapely.Polygon(rings[x][y]), community))
    communities = _unite(grids, Level.COMMUNITY)
    subdistricts = _unite(communities, Level.SUBDISTRICT)
    return Plan([*grids, *communities, *subdistricts, *_unite(subdistricts, Level.DISTRICT)])


def _draw_rings(columns: int, random: np.random.Generator) -> list[list[np.ndarray]]:
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(columns + 1), indexing="ij")
    shaken = random.uniform(-0.25, 0.25, (columns + 1, columns + 1, 2))
    nodes = np.round(
        np.stack([117.0 + STEP_DEG * x, 26.0 + STEP_DEG * y], -1) + shaken * STEP_DEG, 7
    )

    def wind(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        along = np.linspace(0.0, 1.0, PIECES + 1)[1:-1, None]
        way = (end - start)[..., None, :]
        aside = random.uniform(-0.05, 0.05, (*start.shape[:-1], PIECES - 1, 1))
        return np.round(start[..., None, :] + along * way + aside * way[..., ::-1] * [-1.0, 1.0], 7)

    east, north = wind(nodes[:-1], nodes[1:]), wind(nodes[:, :-1], nodes[:, 1:])
    return [
        [
            np.vstack(
                [
                    nodes[i, j],
                    east[i, j],
                    nodes[i + 1, j],
                    north[i + 1, j],
                    nodes[i + 1, j + 1],
                    east[i, j + 1][::-1],
                    nodes[i, j + 1],
                    north[i, j][::-1],
                ]
            )
            for j in range(columns)
        ]
        for i in range(columns)
    ]


def _unite(below: list[Grid], level: Level) -> list[Grid]:
    families: dict[str, list[Grid]] = {}
    for grid in below:
        families.setdefault(grid.parent or "", []).append(grid)
    return [
        Grid(
            code,
            code,
            level,
            area_of(add([border_of(np.array([grid.geometry for grid in family]))])),
            None if level is Level.DISTRICT else code[:-3],
        )
        for code, family in families.items()
    ]


def measure(plan: Plan, edits: int) -> list[dict[str, object]]:
    """Edit and check, and let the peer look through the plan before and after."""
    areas = np.array([grid.geometry for grid in plan.at(Level.GRID)])
    peer_s, sound = clock(lambda: look_through(areas), ROUNDS)
    assert sound
    rounds = [
        clock(lambda: check_plan(Plan(plan.grids), metric_srid=SANMING_METRIC_SRID), 1)
        for _ in range(ROUNDS)
    ]
    times = [seconds for seconds, _ in rounds]
    results = [result("whole-check", plan, times, peer_s, len(rounds[-1][1]), BAR_CHECK_MS)]
    check_plan(plan, metric_srid=SANMING_METRIC_SRID)  # as a draft's base was
    random = np.random.default_rng(SEED)
    for kind in (Split, Transfer, Reshape):
        times, findings, edited = [], 0, plan
        for edit in draw_edits(plan, kind, edits, random):
            start = time.perf_counter()
            applied = apply_edit(edited, edit)
            told = check_touched(applied.plan, applied.changed, metric_srid=SANMING_METRIC_SRID)
            times.append(time.perf_counter() - start)
            findings, edited = findings + len(told), applied.plan
        findings += len(check_plan(Plan(edited.grids), metric_srid=SANMING_METRIC_SRID))
        name = f"edit-{kind.__name__.lower()}"
        results.append(result(name, plan, times, peer_s, findings, BAR_EDIT_MS))
    return results


def look_through(areas: np.ndarray) -> bool:
    """Do what a desktop GIS does to know that a layer is still sound."""
    valid = bool(shapely.is_valid(areas).all())
    tiled = bool(shapely.coverage_is_valid(areas, gap_width=GAP_WIDTH_DEG))
    whole = float(shapely.union_all(areas).area)
    return valid and tiled and abs(whole - float(shapely.area(areas).sum())) < 1e-9


def draw_edits(plan: Plan, kind: type, count: int, random: np.random.Generator) -> Iterator[Edit]:
    """Draw seeded edits that stay inside a community and far from each other's ground."""
    communities = plan.at(Level.COMMUNITY)
    order = random.permutation(len(communities))
    for index in range(count):
        family = plan.children(communities[order[index % len(order)]].code)
        inner = [border for border in shared_borders(family) if border.other is not None]
        long = [border for border in inner if len(border.line.geoms[0].coords) > PIECES]
        # The k-th edit of a community takes another border of it than those before.
        yield _draw_edit(plan, kind, long[7 * (index // len(order)) % len(long)])


def _draw_edit(plan: Plan, kind: type, border: SharedBorder) -> Edit:
    corners = border.line.geoms[0].coords
    x, y = corners[len(corners) // 2]
    if kind is Split:
        west, south, east, north = plan[border.one].geometry.bounds
        middle = (south + north) / 2.0
        return Split(code=border.one, line=((west - 0.001, middle), (east + 0.001, middle)))
    if kind is Transfer:
        area = shapely.box(x - 0.0002, y - 0.0002, x + 0.0002, y + 0.0002)
        ring = tuple(area.exterior.coords)
        return Transfer(area=((ring,),), to=border.one, owners=(border.other or "",))
    middle = len(corners) // 2
    old = tuple(corners[middle - 1 : middle + 2])
    new = (old[0], (round(x + 2e-5, 7), round(y + 2e-5, 7)), old[2])
    return Reshape(paths=(MovedPath(old=old, new=new),))


def result(
    case: str, plan: Plan, times: list[float], peer_s: float, findings: int, bar_ms: float
) -> dict[str, object]:
    """Put one line together; ours is the middle of all times."""
    ours_ms = 1000.0 * float(np.median(times))
    return {
        "case": case,
        "n": len(plan.at(Level.GRID)),
        "corners": int(shapely.get_num_coordinates(plan.geometries).sum()),
        "ours": round(ours_ms, 1),
        "slowest": round(1000.0 * max(times), 1),
        "rounds": len(times),
        "peers": {"shapely, all grids": round(1000.0 * peer_s, 1)},
        "ratio": round(1000.0 * peer_s / ours_ms, 1),
        "unit": "ms",
        "bar": bar_ms,
        "within_bar": ours_ms <= bar_ms,
        "findings": findings,
        "machine": machine(),
    }


def describe(result: dict[str, object]) -> str:
    """Write one line for people."""
    peers = ", ".join(f"{name} {ms:,} ms" for name, ms in result["peers"].items())
    return (
        f"{result['case']:>14}: {result['ours']:8.1f} ms (slowest {result['slowest']} ms, bar "
        f"{result['bar']:.0f} ms) · {peers} · {result['ratio']} times as fast"
    )


if __name__ == "__main__":
    main()
