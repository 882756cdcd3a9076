"""Do thousands of edits by chance keep plans exact, and what do they cost?

    python -m benchmarks.edit_sequences [--plans N] [--steps N] [--seed N] [--demo] [--file PATH]

Each plan gets a sequence of edits. After every one it is asserted that each level is a tiling (sum
of borders, and GEOS with a gap width of 1e-5°), that the levels nest, that no ground came or went
(1e-12 relative, to the plan before and to that at the start), that what is not named as changed is
as it was, and that a replay from JSON gives the same plan. At the end all earlier plans must have
the fingerprints that they had: undo is the plan before.

``--demo`` edits the demonstration district, ``--file`` a layer of boundaries (one level, repaired
first).
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gis.demo import build_district
from gis.errors import Refused
from gis.plan.edits import apply_edit
from gis.plan.model import Plan
from tests.plan.edits.by_chance import (
    RELATIVE,
    check_applied,
    choose_edit,
    moves_the_limit,
    total_ground,
)
from tests.plan.edits.drawn import wiggly_plan


def main() -> None:
    """Run the sequences and print counts and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=50)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    tally = Tally()
    for number, plan in enumerate(choose_plans(options)):
        run(plan, np.random.default_rng([options.seed, number]), options.steps, tally)
    tally.show()


def choose_plans(options: argparse.Namespace) -> Iterator[Plan]:
    """Return the plans to edit: drawn ones, the demonstration district, or those of a file."""
    if options.demo:
        yield build_district().plan
    elif options.file:
        yield read_plan(options.file)
    else:
        for number in range(options.plans):
            seed = options.seed + number
            yield wiggly_plan(seed, levels=number % 3 + 1, foreign=number % 2 == 0)


def read_plan(path: Path) -> Plan:
    """Read a layer of boundaries as a plan of one level, and repair it."""
    import geopandas
    import shapely

    from gis import coords
    from gis.plan.checks import choose_metric_srid
    from gis.plan.model import Grid, Level
    from gis.plan.repair import repair_plan

    frame = geopandas.read_file(path).to_crs(coords.STORAGE_CRS)
    shapes = coords.geometry_to_storage(frame.geometry.to_numpy(), crs=coords.STORAGE_CRS)
    shapes = [shapely.normalize(shape) for shape in shapes]
    plan = Plan(Grid(f"A{i:05d}", str(i), Level.GRID, s) for i, s in enumerate(shapes))
    return repair_plan(plan, metric_srid=choose_metric_srid(shapes)).plan


class Tally:
    """Counts what happened and how long it took."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self.drift = 0.0

    def show(self) -> None:
        """Print a table of edits and the reasons of refusals."""
        print(
            f"{sum(map(len, self.times.values())):,} edits, all exact; the ground of a plan "
            f"changed by at most {self.drift:.1e} of it; processor time:"
        )
        for kind, times in sorted(self.times.items()):
            ms = 1000.0 * np.array(times)
            print(
                f"  {kind:16} {len(ms):6,}  median {np.median(ms):6.1f} ms  "
                f"95 % {np.quantile(ms, 0.95):6.1f} ms  longest {ms.max():7.1f} ms"
            )
        print(f"{sum(self.refused.values()):,} refused")
        for why, count in self.refused.most_common():
            print(f"  {count:6,}  {why}")


def run(plan: Plan, random: np.random.Generator, steps: int, tally: Tally) -> None:
    """Make one sequence of edits and assert after each that the plan is exact."""
    ground = total_ground(plan)
    kept = [(plan, plan.fingerprint)]
    for _ in range(steps):
        try:
            edit = choose_edit(plan, random)
            start = time.process_time()
            applied = apply_edit(plan, edit)
        except Refused as refused:
            tally.refused[re.sub(r"[\w-]*\d[\w.,-]*", "#", refused.message)[:100]] += 1
            continue
        tally.times[edit.kind].append(time.process_time() - start)
        check_applied(plan, edit, applied)
        plan = applied.plan
        ground = total_ground(plan) if moves_the_limit(edit) else ground
        drift = abs(total_ground(plan) - ground) / ground
        assert drift <= RELATIVE, drift
        tally.drift = max(tally.drift, drift)
        kept.append((plan, plan.fingerprint))
    assert all(Plan(old.grids).fingerprint == fingerprint for old, fingerprint in kept)


if __name__ == "__main__":
    main()
