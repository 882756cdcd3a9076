"""How do the commands read edits, and tell what became of a draft?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api.answers.drafts import tell_draft, tell_edited, tell_revision
from api.commands.output import print_json, print_line, say
from api.tasks.comparing import Compared
from api.tasks.drafting import Edited
from api.tasks.workshop import Workshop
from gis.errors import InputError
from gis.plan.drafts import Exemption
from gis.plan.edits import Edit, read_edit
from gis.store import drafts
from gis.store.drafts import Draft
from gis.store.plans import RevisionSummary

_KINDS = {
    "area_m2": "area",
    "reports_per_year": "reports a year",
    "open_reports": "open reports",
}


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


def tell_changes(done: Sequence[Edited], *, as_json: bool, taken_back: bool = False) -> None:
    """Tell what edits did, or what it meant to take one back."""
    if as_json:
        print_json([tell_edited(each).model_dump(mode="json") for each in done])
        return
    for each in done:
        what = each.entry.summary if each.entry else "on the latest revision"
        say(f"version {each.draft.version}: {'without: ' if taken_back else ''}{what}")
        for finding in each.findings:
            say(f"{finding.severity.value}: {finding.message}; {finding.remedy}")


def tell_published(done: RevisionSummary, what: str, *, as_json: bool) -> None:
    """Tell from when on a revision is in force."""
    if as_json:
        print_json(tell_revision(done).model_dump(mode="json"))
    else:
        say(f"revision {done.id} ({what}) {tell_start(done.effective_from)}")


def tell_start(start: datetime | None) -> str:
    """Say since when something is in force, or from when on it will be.

    Examples
    --------
    >>> tell_start(None), tell_start(datetime.fromisoformat("2020-01-01T08:30:00+08:00"))
    ('is in force since ever', 'is in force since 2020-01-01T08:30:00+08:00')
    """
    if start is None:
        return "is in force since ever"
    word = "will be in force from" if start > datetime.now(UTC) else "is in force since"
    return f"{word} {start.isoformat(timespec='seconds')}"


def print_impact(compared: Compared) -> None:
    """Print what changes hands: of how many, and one line for each giver and taker."""
    impact = compared.impact
    for total in impact.totals:
        unit = " m²" if total.kind == "area_m2" else ""
        say(
            f"{_KINDS.get(total.kind, total.kind)}: {total.moved:,.0f} of "
            f"{total.everything:,.0f}{unit} change hands"
            + (f", {total.recoded:,.0f}{unit} only get another code" if total.recoded else "")
        )
    for row in impact.handovers:
        giver, taker = (
            f"{code} {name}" if code else "no grid"
            for code, name in ((row.from_code, row.from_name), (row.to_code, row.to_name))
        )
        amounts = "".join(
            f", {_KINDS.get(kind, kind)} {row.amounts[kind]:,.0f}" for kind in impact.kinds
        )
        print_line(f"{giver} → {taker} ({row.kind}): {row.area_m2:,.0f} m²{amounts}")
