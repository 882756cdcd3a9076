"""How do the commands read edits, and tell what became of a draft?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api.commands.output import print_json, print_table, say
from api.draft_answers import tell_draft, tell_edited, tell_revision
from api.tasks.comparing import Compared
from api.tasks.drafting import Edited
from api.tasks.workshop import Workshop
from gis.errors import InputError
from gis.plan.drafts import Exemption
from gis.plan.edits import Edit, read_edit
from gis.store import drafts
from gis.store.drafts import Draft
from gis.store.plans import RevisionSummary


def read_edits(file: Path) -> list[Edit]:
    """Read one edit, a list, or a proposal (``moves`` or ``edits``) from JSON.

    Raises
    ------
    InputError
        The file is no JSON, or something in it is no edit: the message says which and why.
    """
    try:
        data: Any = json.loads(
            sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        )
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: this is no JSON ({error})") from None
    if isinstance(data, dict) and "kind" not in data:
        data = data.get("edits") or data.get("moves") or [data]
    items = data if isinstance(data, list) else [data]
    return [_read_one(file, number, item) for number, item in enumerate(items, 1)]


def _read_one(file: Path, number: int, item: Any) -> Edit:
    try:
        return read_edit(item.get("edit", item) if isinstance(item, dict) else item)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InputError(f"{file}: edit {number}: {where}: {fault['msg']}") from None


def read_exemption(text: str) -> Exemption:
    """Read ``check=reason``."""
    check, sign, reason = text.partition("=")
    if not sign or not reason.strip():
        raise InputError(f"--accept takes CHECK=REASON, not {text[:60]!r}")
    return Exemption(check.strip(), reason.strip())


def newest_version(workshop: Workshop, draft_id: int) -> int:
    """Return the version that a draft has now."""
    with workshop.open() as connection:
        return drafts.get(connection, draft_id).version


def tell_state(draft: Draft, line: str, *, as_json: bool) -> None:
    """Tell what a draft is now."""
    if as_json:
        print_json(tell_draft(draft).model_dump(mode="json"))
    else:
        say(f"{line} ({draft.status.value}, version {draft.version})")


def tell_changes(done: Sequence[Edited], *, as_json: bool) -> None:
    """Tell what edits did."""
    if as_json:
        print_json([tell_edited(each).model_dump(mode="json") for each in done])
        return
    for each in done:
        what = each.entry.summary if each.entry else "on the latest revision"
        say(f"version {each.draft.version}: {what}")
        for finding in each.findings:
            say(f"{finding.severity.value}: {finding.message}; {finding.remedy}")


def tell_published(done: RevisionSummary, what: str, *, as_json: bool) -> None:
    """Tell from when on a revision is in force."""
    if as_json:
        print_json(tell_revision(done).model_dump(mode="json"))
    else:
        start = done.effective_from.isoformat() if done.effective_from else "ever on"
        say(f"revision {done.id} ({what}) is in force from {start}")


def print_impact(compared: Compared) -> None:
    """Print what changes hands as a table."""
    impact = compared.impact
    for total in impact.totals:
        say(f"{total.kind}: {total.moved:,.0f} of {total.everything:,.0f} change their grid")
    columns = ["from", "to", "kind", "m²", *impact.kinds]
    print_table(
        "",
        columns,
        [
            [
                f"{row.from_code or '-'} {row.from_name}",
                f"{row.to_code or '-'} {row.to_name}",
                row.kind,
                round(row.area_m2),
                *(round(row.amounts[kind]) for kind in impact.kinds),
            ]
            for row in impact.handovers
        ],
    )
