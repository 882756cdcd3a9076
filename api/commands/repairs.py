"""How is a repair shown to the person who has to agree to it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from api.commands.output import print_table, say
from api.tasks.import_boundaries import BoundaryImport, count_repaired
from gis.errors import InputError
from gis.plan.findings import format_m2
from gis.plan.repair import DEFAULT_MAX_MOVE_M, Piece, PlanRepair, RepairChoice

_SHOWN = 20
# A border that only was rounded moves by up to 1 cm; such grids are counted, not listed.
_ROUNDED_M = 0.02


def read_choice(
    *, repair: bool, max_move_m: float | None, fill_gaps: bool, settle_overlaps: bool
) -> RepairChoice | None:
    """Read what was agreed to; nothing without ``--repair``.

    Raises
    ------
    InputError
        An option of the repair stands alone, or the bound cannot be kept.
    """
    if not repair:
        if max_move_m is not None or fill_gaps or settle_overlaps:
            raise InputError("--max-move-m, --fill-gaps and --settle-overlaps need --repair")
        return None
    bound = DEFAULT_MAX_MOVE_M if max_move_m is None else max_move_m
    return RepairChoice(bound, fill_gaps=fill_gaps, settle_overlaps=settle_overlaps)


def print_repair(checked: BoundaryImport) -> None:
    """Print what was closed, what is left, and a table of the grids that changed."""
    done = checked.repair
    if done is None:
        return
    for check, (before, after) in count_repaired(checked.before, checked.findings).items():
        if before or after:
            say(f"repair: {check}: {before:,} before, {after:,} after")
    changed = changed_moves(done)
    rounded = len(done.moves) - len(changed)
    say(
        f"repair: {len(done.repair.pieces):,} pieces, {format_m2(done.repair.size_m2)} in all, "
        f"change hands; the largest move is {done.moved_m:.3f} m; {rounded:,} of "
        f"{len(done.moves):,} grids stay as they are, save for rounding to 1e-7° (1 cm)"
    )
    if done.kept:
        say(
            f"repair: {', '.join(done.kept[:_SHOWN])} keep their own border: it differs from that "
            "of their grids by more than was agreed"
        )
    if changed:
        _print_moves(done, changed)


def changed_moves(done: PlanRepair) -> list[dict[str, Any]]:
    """List the grids of which ground changed hands or a border moved, the largest change first."""
    return [
        {
            "code": move.code,
            "before_m2": round(move.before_m2, 4),
            "after_m2": round(move.after_m2, 4),
            "taken_m2": round(move.taken_m2, 4),
            "given_m2": round(move.given_m2, 4),
            "moved_m": round(move.moved_m, 4),
        }
        for move in sorted(done.moves, key=lambda move: -(move.taken_m2 + move.given_m2))
        if move.moved_m > _ROUNDED_M
    ]


def as_json(checked: BoundaryImport) -> dict[str, Any] | None:
    """Return what a repair did, for programs."""
    done = checked.repair
    if done is None:
        return None
    counts = count_repaired(checked.before, checked.findings)
    return {
        "before": {check: before for check, (before, _) in counts.items()},
        "after": {check: after for check, (_, after) in counts.items()},
        "moved_m": round(done.moved_m, 4),
        "size_m2": round(done.repair.size_m2, 4),
        "pieces": len(done.repair.pieces),
        "left_gaps_m2": [round(size, 4) for size in done.repair.left_gaps],
        "left_overlaps_m2": [round(size, 4) for size in done.repair.left_overlaps],
        "kept_parents": list(done.kept),
        "grids": changed_moves(done),
    }


def write_pieces(done: PlanRepair | None, file: Path) -> None:
    """Write the ground that changes hands as GeoJSON: from whom, to whom, how much."""
    pieces = [] if done is None else done.repair.pieces
    collection = {"type": "FeatureCollection", "features": [_feature(piece) for piece in pieces]}
    file.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    say(f"{len(pieces):,} pieces that change hands: {file}")


def _print_moves(done: PlanRepair, changed: list[dict[str, Any]]) -> None:
    columns = list(changed[0])
    shown = [[_round(value) for value in row.values()] for row in changed[:_SHOWN]]
    print_table("", columns, shown)
    if len(changed) > _SHOWN:
        say(f"… and {len(changed) - _SHOWN:,} more of {len(done.moves):,}; all with --json")


def _round(value: Any) -> Any:
    return round(value) if isinstance(value, float) and value >= 1000.0 else value


def _feature(piece: Piece) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "from": ",".join(piece.givers) or None,
            "to": piece.taker,
            "m2": round(piece.size_m2, 4),
        },
        "geometry": shapely.geometry.mapping(piece.geometry),
    }
