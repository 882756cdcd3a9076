"""``wangge plan draft``: from the first edit until it is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.answers.drafts import tell_draft, tell_entry, tell_whole_draft
from api.answers.impact import tell_impact
from api.commands import approving
from api.commands.draft_output import (
    newest_version,
    print_impact,
    read_edits,
    tell_changes,
    tell_state,
)
from api.commands.opening import DraftId, Person, PlanName, at_work, find_series, name_person
from api.commands.output import AsJson, print_json, print_table, say
from api.settings import Settings
from api.tasks import balancing, drafting
from api.tasks.balancing import BalanceChoices
from api.tasks.comparing import compare_draft, read_against
from gis.plan import Level
from gis.store import drafts

app = typer.Typer(no_args_is_help=True, help="Drafts: plans that are being redrawn.")

Seen = Annotated[
    int | None,
    typer.Option("--seen", help="Version that you have seen; the newest if left out."),
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the draft.")],
    base: Annotated[
        int | None, typer.Option("--base", help="Revision; the latest if left out.")
    ] = None,
    plan: PlanName = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Begin a draft."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        series = find_series(connection, plan, settings)
        draft = drafts.create(
            connection, series, name, actor=name_person(person), base_revision_id=base
        )
    tell_state(draft, f"draft {draft.id} on revision {draft.base_revision_id}", as_json=as_json)


@app.command("list")
def list_drafts(plan: PlanName = None, as_json: AsJson = False) -> None:
    """List the drafts of a plan, the newest first."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        found = drafts.list_drafts(connection, find_series(connection, plan, settings))
    if as_json:
        print_json([tell_draft(draft).model_dump(mode="json") for draft in found])
        return
    print_table(
        "",
        ["draft", "name", "status", "version", "base", "by"],
        [[str(d.id), d.name, d.status.value, d.version, d.base_revision_id, d.created_by]
         for d in found],
    )  # fmt: skip


@app.command()
def show(draft: DraftId, as_json: AsJson = False) -> None:
    """Show a draft: how far it is, and its edits."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.at_draft(draft) as bench:
        told = tell_whole_draft(bench, None)
        entries = drafts.log(bench.connection, draft)
    if as_json:
        log = [tell_entry(entry).model_dump(mode="json") for entry in entries]
        print_json(told.model_dump(mode="json") | {"log": log})
        return
    say(f"draft {told.id} {told.name!r}: {told.status}, version {told.version}")
    rows = [
        [e.number, e.state.value, e.summary, e.actor, e.at.astimezone(settings.zone)]
        for e in entries
    ]
    print_table("", ["edit", "state", "what", "by", "at"], rows)


@app.command()
def edit(
    draft: DraftId,
    file: Annotated[
        Path,
        typer.Argument(help="JSON: an edit, a list, a proposal; - for standard input."),
    ],
    seen: Seen = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Apply edits, all of them or none."""
    edits, actor = read_edits(file), name_person(person)
    with at_work(Settings()) as workshop:
        done = drafting.make_edits(workshop, draft, edits, seen_version=seen, actor=actor)
    tell_changes(done, as_json=as_json)


@app.command()
def undo(draft: DraftId, person: Person = None, as_json: AsJson = False) -> None:
    """Take back the last edit."""
    with at_work(Settings()) as workshop:
        version = newest_version(workshop, draft)
        done = drafting.undo(workshop, draft, seen_version=version, actor=name_person(person))
    tell_changes([done], as_json=as_json, taken_back=True)


@app.command()
def redo(draft: DraftId, person: Person = None, as_json: AsJson = False) -> None:
    """Make the edit again that was taken back last."""
    with at_work(Settings()) as workshop:
        version = newest_version(workshop, draft)
        done = drafting.redo(workshop, draft, seen_version=version, actor=name_person(person))
    tell_changes([done], as_json=as_json)


@app.command()
def rebase(
    draft: DraftId,
    drop: Annotated[
        bool, typer.Option("--drop-conflicts", help="Drop edits that do not fit any more.")
    ] = False,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Put a draft on the latest revision."""
    with at_work(Settings()) as workshop:
        version = newest_version(workshop, draft)
        done = drafting.rebase(
            workshop, draft, seen_version=version, actor=name_person(person), drop_conflicts=drop
        )
    tell_changes([done], as_json=as_json)


@app.command()
def balance(
    draft: DraftId,
    parent: Annotated[str | None, typer.Option("--parent", help="All grids below it.")] = None,
    code: Annotated[list[str] | None, typer.Option("--code", help="This grid.")] = None,
    floor: Annotated[float | None, typer.Option("--floor", min=0)] = None,
    ceiling: Annotated[float | None, typer.Option("--ceiling", min=0)] = None,
    locked: Annotated[list[str] | None, typer.Option("--locked")] = None,
    across: Annotated[bool, typer.Option("--across", help="Also between communities.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Propose edits that even out the load; `draft edit` applies what --json prints."""
    choices = BalanceChoices(
        floor=floor,
        ceiling=ceiling,
        codes=code or (),
        parent=parent,
        locked=locked or (),
        across=across,
        seed=seed,
    )
    with at_work(Settings()) as workshop:
        found = balancing.propose(workshop, draft, choices)
    if as_json:
        print_json(found)
        return
    for row in (*found["moves"], *found["unmet"]):
        say(row["sentence"])
    edits = len(found["moves"])
    say(
        f"{edits} {'edit' if edits == 1 else 'edits'}; "
        f"{found['households']:,.0f} households change their grid"
    )


@app.command()
def divide(
    draft: DraftId,
    code: Annotated[str, typer.Argument(help="The grid to divide.")],
    count: Annotated[int, typer.Argument(min=2, max=100, help="Into how many.")],
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
) -> None:
    """Print the splits that divide a grid into areas of equal load, for `draft edit`."""
    with at_work(Settings()) as workshop:
        print_json(balancing.propose_division(workshop, draft, code, count, seed=seed))


@app.command()
def impact(
    draft: DraftId,
    against: Annotated[str, typer.Option("--against", help="base, current, or a revision.")] = (
        "base"
    ),
    level: Annotated[Level | None, typer.Option("--level")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell who and what changes hands."""
    with at_work(Settings()) as workshop, workshop.at_draft(draft) as bench:
        compared = compare_draft(bench, read_against(against), level)
    if as_json:
        print_json(tell_impact(compared))
    else:
        print_impact(compared)


for step in approving.STEPS:
    app.command()(step)
