"""How does a plan change without ever getting a gap or an overlap?"""

from gis.plan.edits.apply import Applied, apply_edit
from gis.plan.edits.model import (
    ChangeParent,
    Edit,
    Merge,
    MovedPath,
    Rename,
    Renumber,
    Reshape,
    SetOuterLimit,
    Split,
    Transfer,
    read_edit,
    write_edit,
)

__all__ = [
    "Applied",
    "ChangeParent",
    "Edit",
    "Merge",
    "MovedPath",
    "Rename",
    "Renumber",
    "Reshape",
    "SetOuterLimit",
    "Split",
    "Transfer",
    "apply_edit",
    "read_edit",
    "write_edit",
]
