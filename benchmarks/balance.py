"""How many people change their area until all areas are balanced, beside those who do the same?

    python -m benchmarks.balance --blocks FILE --precincts FILE [--json] [--areas N]
        [--start random|even] [--limit-s S] [--only PEER ...]

Blocks with their population (``TOTPOP20``) and precincts of a city, as shapefiles. The start:
each block lies in the precinct with most of it; the area with the fewest people is joined to a
neighbour (any, seeded, or the one with the fewest) until N areas are left, each in one piece. The
goal: every area within ±5 % of the mean. The peers (see ``benchmarks/balance_peers.py``) get the
same start and the same neighbours, run in the environment of ``benchmarks/peers.txt``, and are
ended when their time is over. People moved are counted after the areas before and after were
matched in the best way.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas
import numpy as np
import scipy.optimize
import scipy.sparse
import shapely
from scipy.sparse.csgraph import connected_components

from benchmarks.balance_peers import CASES
from benchmarks.locate import machine
from gis import coords
from gis.plan.balance.graph import Links, link_units
from gis.plan.balance.propose import propose_balance
from gis.plan.units import Units, take_units

SEED = 20261123
TOLERANCE = 0.05
PEERS = Path(".wangge/peers/bin/python")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", required=True)
    parser.add_argument("--precincts", required=True)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--areas", type=int, default=20)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--start",
        choices=["random", "even"],
        default="random",
        help="to which neighbour the area with the fewest people is joined: any, or the least",
    )
    parser.add_argument("--limit-s", type=float, default=300.0, help="time for each peer")
    parser.add_argument("--only", nargs="*", help="names of peers", default=list(CASES))
    options = parser.parse_args()
    units, links = read_start(
        options.blocks, options.precincts, options.areas, options.seed, options.start
    )
    rows = {"start": describe(units, links, units.owner, 0.0), "Wangge": run_ours(units, links)}
    for name in options.only:
        rows[name] = run_peer(name, units, links, options.limit_s)
    result = summarise(units, rows, options.limit_s)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)


def read_start(blocks: str, precincts: str, count: int, seed: int, how: str) -> tuple[Units, Links]:
    """Read the files and merge precincts into unequal areas."""
    frame = geopandas.read_file(blocks)
    wards = shapely.make_valid(np.asarray(geopandas.read_file(precincts).geometry.values))
    precinct = place_blocks(np.asarray(frame.geometry.values), wards)
    ground = np.asarray(frame.to_crs(coords.STORAGE_CRS).geometry.values)
    people = frame["TOTPOP20"].to_numpy(dtype=np.float64)
    place = shapely.get_coordinates(shapely.centroid(ground)).mean(axis=0)
    units = take_units(
        [str(block) for block in frame["GEOID20"]],
        ground,
        [f"{number:04d}" for number in precinct],
        metric_srid=coords.estimate_metric_srid(*place.tolist()),
        load=people,
    )
    units = keep_largest_part(units, link_units(units))
    links = link_units(units)
    area = merge_precincts(units, links, count, seed, how)
    merged = take_units(
        units.ids,
        units.ground,
        [f"{number:02d}" for number in area],
        metric_srid=units.metric_srid,
        load=units.load,
    )
    return merged, links


def place_blocks(blocks: np.ndarray, precincts: np.ndarray) -> np.ndarray:
    """Return for each block the precinct with most of it; the nearest where there is none."""
    tree = shapely.STRtree(precincts)
    owner = tree.nearest(blocks)
    block, ward = tree.query(blocks, predicate="intersects")
    shared = shapely.area(shapely.intersection(blocks[block], precincts[ward]))
    order = np.lexsort((-ward, shared, block))
    owner[block[order]] = ward[order]
    return owner


def keep_largest_part(units: Units, links: Links) -> Units:
    """Leave out blocks that touch none of the others; all methods need one piece."""
    part = find_parts(len(units), links, np.ones(len(links.first), dtype=bool))
    kept = np.flatnonzero(part == np.bincount(part).argmax())
    return take_units(
        [units.ids[i] for i in kept],
        units.ground[kept],
        [units.grids[units.owner[i]] for i in kept],
        metric_srid=units.metric_srid,
        load=units.load[kept],
    )


def merge_precincts(units: Units, links: Links, count: int, seed: int, how: str) -> np.ndarray:
    """Join the area with the fewest people to a neighbour until so many are left."""
    chance = np.random.default_rng(seed)
    inside = units.owner[links.first] == units.owner[links.second]
    area = find_parts(len(units), links, inside)
    people = dict(enumerate(np.bincount(area, weights=units.load).tolist()))
    while len(people) > count:
        poorest = min(people, key=lambda number: (people[number], number))
        ends = np.column_stack([area[links.first], area[links.second]])
        touching = ends[(ends == poorest).any(axis=1) & (ends[:, 0] != ends[:, 1])]
        beside = np.unique(touching[touching != poorest])
        if how == "even":
            taker = min(beside.tolist(), key=lambda number: (people[number], number))
        else:
            taker = int(chance.choice(beside))
        area[area == poorest] = taker
        people[taker] += people.pop(poorest)
    return np.unique(area, return_inverse=True)[1]


def find_parts(count: int, links: Links, kept: np.ndarray) -> np.ndarray:
    """Number the parts that are connected by some of the links."""
    pairs = (links.first[kept], links.second[kept])
    graph = scipy.sparse.coo_array((np.ones(kept.sum()), pairs), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def run_ours(units: Units, links: Links) -> dict[str, object]:
    """Propose a balance, with finding the neighbours, which the peers are given."""
    ideal = units.load.sum() / len(units.grids)
    start = time.perf_counter()
    proposal = propose_balance(
        units, floor=ideal * (1 - TOLERANCE), ceiling=ideal * (1 + TOLERANCE), seed=SEED
    )
    seconds = time.perf_counter() - start
    found = describe(units, links, proposal.owner, seconds)
    return found | {"least_load": round(proposal.least_load), "moves": len(proposal.moves)}


def run_peer(name: str, units: Units, links: Links, limit_s: float) -> dict[str, object]:
    """Run a peer in its own environment, and look at what it answers."""
    middle = shapely.centroid(coords.to_metric(units.ground, srid=units.metric_srid))
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.npz"), Path(folder, "out.npz")
        np.savez(
            source,
            population=units.load,
            area=units.owner,
            x=shapely.get_x(middle),
            y=shapely.get_y(middle),
            first=links.first,
            second=links.second,
            tolerance=TOLERANCE,
            limit_s=limit_s,
        )
        script = str(Path(__file__).with_name("balance_peers.py"))
        try:
            subprocess.run(
                [str(PEERS), script, name, str(source), str(target)],
                check=True,
                timeout=limit_s + 30.0,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"no answer within {limit_s:.0f} s"}
        except subprocess.CalledProcessError as error:
            return {"failed": (error.stderr.strip().splitlines() or ["?"])[-1]}
        with np.load(target) as answer:
            return describe(units, links, answer["labels"], float(answer["seconds"]))


def describe(units: Units, links: Links, labels: np.ndarray, seconds: float) -> dict[str, object]:
    """Measure a division."""
    _, owner = np.unique(labels, return_inverse=True)
    load = np.bincount(owner, weights=units.load)
    ideal = units.load.sum() / len(units.grids)
    inside = owner[links.first] == owner[links.second]
    polsby, inner_m = measure_shapes(units, links, owner)
    return {
        "areas": len(load),
        "people_moved": round(count_moved(units, owner)),
        "worst_deviation": round(float(np.abs(load / ideal - 1.0).max()), 4),
        "within_limits": int((np.abs(load / ideal - 1.0) <= TOLERANCE + 1e-9).sum()),
        "parts": len(np.unique(find_parts(len(units), links, inside))),
        "polsby_popper": round(polsby, 4),
        "inner_border_km": round(inner_m / 1000.0, 1),
        "cut_edges": int((~inside).sum()),
        "seconds": round(seconds, 1),
    }


def count_moved(units: Units, owner: np.ndarray) -> float:
    """Count people in another area than before, areas matched so that it is fewest."""
    table = np.zeros((len(units.grids), owner.max() + 1))
    np.add.at(table, (units.owner, owner), units.load)
    return float(table.sum() - table[scipy.optimize.linear_sum_assignment(-table)].sum())


def measure_shapes(units: Units, links: Links, owner: np.ndarray) -> tuple[float, float]:
    """Return the mean of 4πA/P² over the areas, and the length of all borders between them."""
    count = owner.max() + 1
    metric = coords.to_metric(units.ground, srid=units.metric_srid)
    area = np.bincount(owner, weights=shapely.area(metric), minlength=count)
    cut = owner[links.first] != owner[links.second]
    perimeter = np.bincount(owner, weights=links.outer_m, minlength=count)
    for end in (links.first, links.second):
        perimeter += np.bincount(owner[end[cut]], weights=links.length_m[cut], minlength=count)
    return float((4 * np.pi * area / perimeter**2).mean()), float(links.length_m[cut].sum())


def summarise(units: Units, rows: dict[str, dict], limit_s: float) -> dict[str, object]:
    """Put the figures in one object; the ratio is to the best peer that reaches the goal."""
    count = len(units.grids)
    peers = {name: row for name, row in rows.items() if name not in {"start", "Wangge"}}
    reached = {
        name: row["people_moved"]
        for name, row in peers.items()
        if row.get("within_limits") == count and row["areas"] == row["parts"] == count
    }
    ours = rows["Wangge"]["people_moved"]
    return {
        "case": "balance",
        "n": len(units),
        "ours": ours,
        "peers": reached,
        "ratio": round(ours / min(reached.values()), 3) if reached else None,
        "unit": "people moved",
        "population": round(units.load.sum()),
        "areas": count,
        "limit_s": limit_s,
        "rows": rows,
        "machine": machine(),
    }


def show(result: dict) -> None:
    """Print the figures for people."""
    print(f"{result['n']:,} blocks, {result['population']:,} people, {result['areas']} areas, ±5 %")
    print(f"{result['machine']}; {result['limit_s']:.0f} s for each peer")
    print(f"{'':>30}   moved within  worst parts polsby inner km cut edges seconds")
    for name, row in result["rows"].items():
        if "failed" in row:
            print(f"{name:>30} {row['failed']}")
            continue
        print(
            f"{name:>30} {row['people_moved']:>7,} {row['within_limits']:>3}/{row['areas']:<2} "
            f"{row['worst_deviation']:>6.1%} {row['parts']:>5} {row['polsby_popper']:>6.3f} "
            f"{row['inner_border_km']:>8.1f} {row['cut_edges']:>9,} {row['seconds']:>7.1f}"
        )
    ours = result["rows"]["Wangge"]
    print(f"Over the borders of the start at least {ours['least_load']:,} people must move.")
    if result["ratio"] is not None:
        print(f"Wangge moves {result['ratio']:.0%} of what the best balanced peer moves.")


if __name__ == "__main__":
    sys.exit(main())
