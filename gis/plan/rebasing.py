"""What is left of a draft when its base was superseded?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gis.errors import Conflict, InputError, NotFound, Refused
from gis.plan.describing import list_some
from gis.plan.drafts import LogEntry, find_changed_codes
from gis.plan.edits.apply import Applied, apply_edit
from gis.plan.edits.model import Edit, read_edit, write_edit
from gis.plan.model import Plan

_NO_CODES = frozenset({"kind", "name", "units", "area", "line", "paths"})


@dataclass(frozen=True, slots=True)
class Rebased:
    """A draft on a new base: what could be kept, with re-issued codes, and what could not."""

    plan: Plan
    kept: tuple[tuple[LogEntry, Applied], ...]
    conflicts: tuple[LogEntry, ...]


def rebase(
    old: Plan, new: Plan, entries: Sequence[LogEntry], used: Collection[str] = frozenset()
) -> Rebased:
    """Make the edits of a draft again on a newer base.

    An edit is kept if no code that it changed differs between the bases, it changed nothing that an
    edit before it that could not be kept did, and it can still be made. A code that was issued in
    the draft and is taken on the new base is issued anew, and later edits are told so.

    Parameters
    ----------
    old, new
        The bases.
    entries
        The applied edits in order.
    used
        All codes of published revisions.
    """
    own = {code for entry in entries for code in _issued(entry.edit)}
    blocked = find_changed_codes(old, new) - own
    renamed: dict[str, str] = {}
    plan = new
    kept: list[tuple[LogEntry, Applied]] = []
    conflicts: list[LogEntry] = []
    for entry in entries:
        touched = entry.changed - own if not conflicts else entry.changed
        applied = None if touched & blocked else _make_again(plan, entry.edit, renamed, used)
        if applied is None:
            conflicts.append(entry)
            blocked |= entry.changed
        else:
            kept.append((entry, applied))
            plan = applied.plan
    return Rebased(plan, tuple(kept), tuple(conflicts))


def explain_rebase(
    rebased: Rebased, changed: Collection[str], *, base: int, version: int
) -> Conflict:
    """Return the error for edits that cannot be kept: it names them, where they are, and whose.

    Parameters
    ----------
    changed
        The codes that differ between the bases.
    base
        The new base revision.
    version
        The newest version of the draft.
    """
    conflicts = rebased.conflicts
    theirs: frozenset[str] = frozenset().union(*(entry.changed for entry in conflicts))
    grids = sorted(theirs & frozenset(changed)) or sorted(theirs)
    said = list_some([f"{entry.summary} ({entry.actor})" for entry in conflicts])
    return Conflict(
        f"revision {base} changed {list_some(grids)}, and these edits no longer fit: {said}. Drop "
        "them and make them again, or stay on the old revision",
        edits=[
            {
                "summary": entry.summary,
                "codes": sorted(entry.changed),
                "actor": entry.actor,
                "at": entry.at.isoformat(),
            }
            for entry in conflicts
        ],
        grids=grids,
        persons=sorted({entry.actor for entry in conflicts}),
        version=version,
    )


def _make_again(
    plan: Plan, edit: Edit, renamed: dict[str, str], used: Collection[str]
) -> Applied | None:
    edit = _with_codes(edit, renamed)
    issued = _issued(edit)
    again = any(code in plan or code in used for code in issued)
    try:
        applied = apply_edit(plan, _without_issued(edit) if again else edit, used=used)
    except (InputError, NotFound, Refused):
        return None
    others = _issued(applied.edit)
    if len(others) != len(issued):
        return None
    renamed.update(zip(issued, others, strict=True))
    return applied


def _issued(edit: Edit) -> list[str]:
    issued: Mapping[str, Sequence[str]] = getattr(edit, "issued", {})
    return [code for area in sorted(issued) for code in issued[area]]


def _without_issued(edit: Edit) -> Edit:
    return edit.model_copy(update={"issued": {}})


def _with_codes(edit: Edit, renamed: Mapping[str, str]) -> Edit:
    return read_edit(_exchange(write_edit(edit), renamed)) if renamed else edit


def _exchange(value: Any, renamed: Mapping[str, str]) -> Any:
    """Put other codes in the place of codes wherever an edit names some."""
    if isinstance(value, dict):
        return {
            renamed.get(key, key): part if key in _NO_CODES else _exchange(part, renamed)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_exchange(part, renamed) for part in value]
    return renamed.get(value, value) if isinstance(value, str) else value
