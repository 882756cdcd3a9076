"""What is left of overlaps and gaps after a repair, what did it move, and how long did it take?

    python -m benchmarks.repair FILE... [--max-move-m M] [--json] [--timeout S]

The peer is maup, in an environment of its own, which is made once with

    python3 -m venv .wangge/peers && .wangge/peers/bin/pip install -r benchmarks/peers.txt

Both get the same areas, read by us: maup as they are in the file, projected to the UTM zone of the
layer, ours rounded to 1e-7° as at every import. Rings that are not valid are put right for both.
All is compared with the areas as they are in the file. maup is called with its documented defaults:
``smart_repair`` snaps to a grid of 1e-9 of the extent, resolves all overlaps, and closes gaps below
a tenth of the largest area beside them; ``quick_repair`` resolves overlaps and gaps below a tenth
of an area. Ours moves nothing by more than the bound and leaves what is wider.

What is left is measured for all by the same means, which are nobody's own: GEOS's
``coverage_invalid_edges`` (areas whose border a neighbour does not share, with no tolerance and
with 1 m), overlaps and gaps by plain intersection and union; and besides whether the borders add up
to that of one region (``gis.plan.chains``), corner for corner. ``changed`` is the ground that areas
took and gave, in places wider than 2 cm; ``moved`` the farthest that an area's corner came to lie
from the area as it was, or the reverse.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from api.settings import PROJECT_FOLDER
from benchmarks.locate import machine
from gis.coords import to_metric
from gis.files.boundaries import read_boundaries
from gis.plan.checks import choose_metric_srid
from gis.plan.features import keep_polygons, settle
from gis.plan.repair import DEFAULT_MAX_MOVE_M, RepairChoice, repair_coverage
from gis.plan.repair.coverage import is_exact
from gis.plan.repair.distance import measure_moved

PEERS_PYTHON = PROJECT_FOLDER / ".wangge" / "peers" / "bin" / "python"
METHODS = ("smart_repair", "quick_repair")
GAP_M = 1.0
ROUNDING_M = 0.02


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--max-move-m", type=float, default=DEFAULT_MAX_MOVE_M)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for one peer")
    options = parser.parse_args()
    for file in options.files:
        rows = measure(file, options.max_move_m, options.timeout)
        if options.json:
            print(json.dumps(_as_record(file, rows), ensure_ascii=False))
        else:
            _print(file, rows)


def measure(file: Path, max_move_m: float, timeout_s: float) -> dict[str, dict[str, Any]]:
    """Repair one file with all, and count what is left."""
    features = read_boundaries(file).features
    areas = _put_right([each.geometry for each in features], settle)
    exact = _put_right(
        [each.geometry if each.exact is None else each.exact for each in features], keep_polygons
    )
    srid = choose_metric_srid(areas)
    metric = to_metric(exact, srid=srid)
    rows = {"the file": {"seconds": 0.0, **_assess(metric, metric, is_exact(exact))}}
    names = [str(index) for index in range(len(areas))]
    choice = RepairChoice(max_move_m)
    start = time.perf_counter()
    ours = repair_coverage(areas, names, [""] * len(areas), metric_srid=srid, choice=choice)
    seconds = time.perf_counter() - start
    after = to_metric(ours.geometries, srid=srid)
    rows["Wangge"] = {"seconds": seconds, **_assess(metric, after, is_exact(ours.geometries))}
    for method in METHODS:
        rows[f"maup.{method}"] = _ask_maup(method, metric, srid, timeout_s)
    return rows


def _put_right(areas: list[Any], mend: Callable[[Any], Any]) -> np.ndarray:
    sound = [area if area.is_valid else mend(keep_polygons(area)) for area in areas]
    return np.array(sound, dtype=object)


def _ask_maup(method: str, metric: np.ndarray, srid: int, timeout_s: float) -> dict[str, Any]:
    if not PEERS_PYTHON.exists():
        sys.exit(f"{PEERS_PYTHON} is not there; the head of this file tells how to make it")
    with tempfile.TemporaryDirectory(prefix="wangge-benchmark-") as name:
        source, target = Path(name, "in.wkb"), Path(name, "out.wkb")
        source.write_text("\n".join(shapely.to_wkb(metric, hex=True)))
        script = Path(__file__).with_name("repair_peer.py")
        command = [PEERS_PYTHON, "-W", "ignore", script, method, source, target, str(srid)]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=timeout_s
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"no answer within {timeout_s:.0f} s"}
        if done.returncode:
            return {"failed": done.stderr.strip().splitlines()[-1][:200]}
        after = shapely.from_wkb(target.read_text().split())
        seconds = float(done.stdout.split()[-1])
    return {"seconds": seconds, **_assess(metric, after, is_exact(after))}


def _assess(before: np.ndarray, after: np.ndarray, exact: bool) -> dict[str, Any]:
    invalid = int((~shapely.is_valid(after)).sum())
    sound = shapely.make_valid(after) if invalid else after
    overlaps = _find_overlaps(sound)
    gaps = _find_gaps(sound)
    return {
        "exact": exact,
        "invalid": invalid,
        "empty": int(shapely.is_empty(after).sum()),
        "overlaps": len(overlaps),
        "overlap_m2": float(overlaps.sum()),
        "gaps": len(gaps),
        "slivers": int((gaps < 1.0).sum()),
        "gap_m2": float(gaps.sum()),
        "unmatched": _count_unmatched(sound, 0.0),
        "unmatched_1m": _count_unmatched(sound, GAP_M),
        "parts": int(shapely.get_num_geometries(after).sum()),
        "changed_m2": _measure_changed(before, sound),
        "moved_m": float(measure_moved(before, sound).max()),
    }


def _find_overlaps(areas: np.ndarray) -> np.ndarray:
    one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
    one, other = one[one < other], other[one < other]
    sizes = shapely.area(shapely.intersection(areas[one], areas[other]))
    return sizes[sizes > 0.0]


def _find_gaps(areas: np.ndarray) -> np.ndarray:
    parts = shapely.get_parts(shapely.union_all(areas))
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.concatenate([[False], part[1:] == part[:-1]])
    return shapely.area(shapely.polygons(rings[inner]))


def _count_unmatched(areas: np.ndarray, gap_m: float) -> int:
    edges = shapely.coverage_invalid_edges(areas, gap_width=gap_m)
    return int((~shapely.is_empty(edges)).sum())


def _measure_changed(before: np.ndarray, after: np.ndarray) -> float:
    """Measure what areas took and gave, without what is as thin as rounding to 1e-7°."""
    parts = shapely.get_parts(shapely.symmetric_difference(before, after))
    parts = parts[shapely.area(parts) > 0.0]
    width_m = 2.0 * shapely.area(parts) / shapely.length(parts)
    return float(shapely.area(parts[width_m > ROUNDING_M]).sum())


def _print(file: Path, rows: dict[str, dict[str, Any]]) -> None:
    print(f"\n{file.name}; {machine()}")
    print(
        f"{'':20} {'s':>7} {'exact':>5} {'invalid':>7} {'overlaps':>8} {'m²':>10} {'gaps':>6} "
        f"{'<1 m²':>6} {'m²':>11} {'unmatched':>9} {'1 m':>4} {'parts':>6} {'changed m²':>11} "
        f"{'moved m':>9}"
    )
    for name, row in rows.items():
        if "failed" in row:
            print(f"{name:20} {row['failed']}")
            continue
        print(
            f"{name:20} {row['seconds']:7.2f} {'yes' if row['exact'] else 'no':>5} "
            f"{row['invalid']:7} {row['overlaps']:8,} {row['overlap_m2']:10,.2f} {row['gaps']:6,} "
            f"{row['slivers']:6,} {row['gap_m2']:11,.1f} {row['unmatched']:9,} "
            f"{row['unmatched_1m']:4} {row['parts']:6,} {row['changed_m2']:11,.2f} "
            f"{row['moved_m']:9.3f}"
        )


def _as_record(file: Path, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ours = rows["Wangge"]["seconds"]
    peers = {name: row.get("seconds") for name, row in rows.items() if name.startswith("maup")}
    best = min((value for value in peers.values() if value), default=None)
    return {
        "case": f"repair {file.name}",
        "n": rows["Wangge"]["parts"],
        "ours": ours,
        "peers": peers,
        "ratio": round(best / ours, 1) if best else None,
        "unit": "s",
        "machine": machine(),
        "details": rows,
    }


if __name__ == "__main__":
    main()
