"""How is an edit said in a few words?"""

from __future__ import annotations

from collections.abc import Sequence

from gis.plan.edits.model import (
    ChangeParent,
    Edit,
    Merge,
    Rename,
    Renumber,
    Reshape,
    SetOuterLimit,
    Split,
    Transfer,
)

MOST_TOLD = 5


def list_some(words: Sequence[str]) -> str:
    """Join words for a sentence, at most five of them.

    Examples
    --------
    >>> list_some(["1", "2"]), list_some("abcdefg")
    ('1, 2', 'a, b, c, d, e and 2 more')
    """
    told = ", ".join(words[:MOST_TOLD])
    return f"{told} and {len(words) - MOST_TOLD} more" if len(words) > MOST_TOLD else told


def describe_edit(edit: Edit) -> str:  # noqa: PLR0911 - one line for each kind
    """Say in a few words what an edit does, for the log and for conflicts.

    Examples
    --------
    >>> describe_edit(Rename(code="1", name="北"))
    'rename 1 to 北'
    """
    match edit:
        case Split():
            return f"split {edit.code}"
        case Merge():
            return f"merge {list_some(edit.codes)}" + (f" into {edit.into}" if edit.into else "")
        case Transfer():
            return f"give ground to {edit.to}" + (
                f" from {list_some(edit.owners)}" * bool(edit.owners)
            )
        case Reshape():
            return f"move {len(edit.paths)} border{'s' * (len(edit.paths) > 1)}"
        case SetOuterLimit():
            return "draw a new outer limit"
        case Rename():
            return f"rename {edit.code} to {edit.name}"
        case Renumber():
            pairs = [f"{old} to {new}" for old, new in edit.codes.items()]
            return f"renumber {list_some(pairs) if pairs else f'the areas of {edit.parent}'}"
        case ChangeParent():
            return f"hang {edit.code} under {edit.parent}"
