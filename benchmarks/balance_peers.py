"""How do others bring areas into balance?

    .wangge/peers/bin/python benchmarks/balance_peers.py CASE IN.npz OUT.npz

Runs in the environment of ``benchmarks/peers.txt``, where nothing of ours is installed. Reads the
population, middle, neighbours and first area of every block; writes the area that the peer gives it
and the seconds that took, without reading and starting.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

SEED = 20261123
MOST_STEPS = 100_000

Blocks = dict[str, np.ndarray]


def main() -> None:
    """Answer one case."""
    warnings.simplefilter("ignore")
    name, source, target = sys.argv[1:]
    with np.load(source) as file:
        blocks = dict(file)
    prepared = CASES[name](blocks)
    start = time.perf_counter()
    labels = prepared()
    np.savez(target, labels=labels, seconds=time.perf_counter() - start)


def recom_of_pairs(blocks: Blocks, *, widest: bool) -> Callable[[], np.ndarray]:
    """Repeat the step of recom on two neighbours until all are balanced.

    The start is far from balanced, so that recom with the population of the ideal area finds no cut
    for most pairs. So each pair is cut in two halves of its own mean, which levels the whole; the
    pair is drawn at random, or is the one that differs most.
    """
    from gerrychain.proposals.tree_proposals import epsilon_tree_bipartition

    partition, chance = _start(blocks), random.Random(SEED)  # noqa: S311
    low, high, half = _limits(blocks)

    def run() -> np.ndarray:
        now = partition
        for _ in range(MOST_STEPS):
            load = now["population"]
            if all(low <= value <= high for value in load.values()):
                break
            pairs = sorted({tuple(sorted(_parts(now, edge))) for edge in now["cut_edges"]})
            wide = [p for p in pairs if not all(low <= load[x] <= high for x in p)]
            pair = chance.choice(pairs)
            if widest and wide:
                pair = max(wide, key=lambda p: (abs(load[p[0]] - load[p[1]]), p))
            nodes = now.parts[pair[0]] | now.parts[pair[1]]
            flips = epsilon_tree_bipartition(
                now.graph.subgraph(nodes),
                pair,
                pop_col="population",
                pop_target=sum(load[part] for part in pair) / 2,
                epsilon=half,
                rng=chance,
            )
            now = now.flip(flips)
        return _labels(now, blocks)

    return run


def recom_chain(blocks: Blocks) -> Callable[[], np.ndarray]:
    """Draw a plan with ``recursive_tree_part`` and let recom run a hundred steps of it.

    Of all plans seen the one that moves least is kept.
    """
    from functools import partial

    from gerrychain import MarkovChain, accept, constraints
    from gerrychain.partition import recursive_tree_part
    from gerrychain.proposals import recom
    from scipy.optimize import linear_sum_assignment

    first = _start(blocks)
    count = len(first.parts)
    ideal = float(blocks["population"].sum()) / count
    half = _limits(blocks)[2]

    def moved(labels: np.ndarray) -> float:
        table = np.zeros((count, count))
        np.add.at(table, (labels, blocks["area"]), blocks["population"])
        return float(table.sum() - table[linear_sum_assignment(-table)].sum())

    def run() -> np.ndarray:
        drawn = recursive_tree_part(
            first.graph,
            range(count),
            ideal,
            "population",
            half,
            rng=random.Random(SEED),  # noqa: S311
        )
        state = type(first)(first.graph, drawn, first.updaters)
        chain = MarkovChain(
            partial(recom, pop_col="population", pop_target=ideal, epsilon=half),
            [constraints.contiguous],
            accept.always_accept,
            state,
            100,
            rng=random.Random(SEED),  # noqa: S311
        )
        return min((_labels(plan, blocks) for plan in chain), key=moved)

    return run


def flips(blocks: Blocks) -> Callable[[], np.ndarray]:
    """Let ``SingleMetricOptimizer`` flip single blocks until all are balanced."""
    from gerrychain import constraints
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import propose_random_flip

    first = _start(blocks)
    low, high, _ = _limits(blocks)

    def excess(plan: object) -> float:
        return sum(max(0.0, v - high, low - v) for v in plan["population"].values())

    def run() -> np.ndarray:
        optimizer = SingleMetricOptimizer(
            propose_random_flip,
            [constraints.contiguous],
            first,
            excess,
            maximize=False,
            rng=random.Random(SEED),  # noqa: S311
        )
        start = time.perf_counter()
        for _ in optimizer.tilted_run(10_000_000, 0.0):
            if optimizer.best_score == 0.0 or time.perf_counter() - start > 0.9 * _limit_s(blocks):
                break
        return _labels(optimizer.best_part, blocks)

    return run


def maxp(blocks: Blocks) -> Callable[[], np.ndarray]:
    """Solve max-p with the floor as threshold: as many areas as reach it."""
    from spopt.region import MaxPHeuristic

    frame, weights = _frame(blocks)
    model = MaxPHeuristic(
        frame,
        weights,
        ["x", "y"],
        "population",
        _limits(blocks)[0],
        top_n=2,
        max_iterations_construction=10,
    )

    def run() -> np.ndarray:
        np.random.seed(SEED)  # spopt draws from here
        model.solve()
        return np.asarray(model.labels_)

    return run


def skater(blocks: Blocks) -> Callable[[], np.ndarray]:
    """Prune a spanning tree; its floor counts blocks, not people."""
    from spopt.region import Skater

    frame, weights = _frame(blocks)
    count = int(blocks["area"].max()) + 1
    model = Skater(frame, weights, ["x", "y"], n_clusters=count, floor=len(frame) // (2 * count))

    def run() -> np.ndarray:
        model.solve()
        return np.asarray(model.labels_)

    return run


def ward(blocks: Blocks) -> Callable[[], np.ndarray]:
    """Cluster by Ward's method with neighbourhood; knows no floor at all."""
    from spopt.region import WardSpatial

    frame, weights = _frame(blocks)
    count = int(blocks["area"].max()) + 1
    model = WardSpatial(frame, weights, ["x", "y"], n_clusters=count)

    def run() -> np.ndarray:
        model.solve()
        return np.asarray(model.labels_)

    return run


def _start(blocks: Blocks) -> object:
    import networkx
    from gerrychain import Graph, Partition, updaters

    graph = networkx.Graph()
    for block, people in enumerate(blocks["population"].tolist()):
        graph.add_node(block, population=int(people))
    graph.add_edges_from(zip(blocks["first"].tolist(), blocks["second"].tolist(), strict=True))
    assignment = dict(enumerate(blocks["area"].tolist()))
    return Partition(
        Graph.from_networkx(graph),
        assignment,
        {"population": updaters.Tally("population"), "cut_edges": updaters.cut_edges},
    )


def _parts(plan: object, edge: tuple[int, int]) -> tuple[int, int]:
    return plan.assignment[edge[0]], plan.assignment[edge[1]]


def _labels(plan: object, blocks: Blocks) -> np.ndarray:
    names = plan.graph.original_nx_node_id_for_internal_node_id
    labels = np.full(len(blocks["population"]), -1)
    for node in plan.graph.nodes:
        labels[names(node)] = plan.assignment[node]
    return labels


def _limits(blocks: Blocks) -> tuple[float, float, float]:
    ideal = float(blocks["population"].sum()) / (int(blocks["area"].max()) + 1)
    share = float(blocks["tolerance"])
    return ideal * (1.0 - share), ideal * (1.0 + share), share


def _limit_s(blocks: Blocks) -> float:
    return float(blocks["limit_s"])


def _frame(blocks: Blocks) -> tuple[object, object]:
    import geopandas
    from libpysal.weights import W

    places = geopandas.points_from_xy(blocks["x"], blocks["y"])
    columns = {name: blocks[name] for name in ("population", "x", "y")}
    near: dict[int, list[int]] = {block: [] for block in range(len(places))}
    for one, other in zip(blocks["first"].tolist(), blocks["second"].tolist(), strict=True):
        near[one].append(other)
        near[other].append(one)
    return geopandas.GeoDataFrame(columns, geometry=places), W(near, silence_warnings=True)


CASES: dict[str, Callable[[Blocks], Callable[[], np.ndarray]]] = {
    "GerryChain recom, widest pair": lambda blocks: recom_of_pairs(blocks, widest=True),
    "GerryChain recom, any pair": lambda blocks: recom_of_pairs(blocks, widest=False),
    "GerryChain recom, best of 100": recom_chain,
    "GerryChain single flips": flips,
    "spopt MaxP": maxp,
    "spopt Skater": skater,
    "spopt WardSpatial": ward,
}

if __name__ == "__main__":
    main()
