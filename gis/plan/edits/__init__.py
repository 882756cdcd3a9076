"""How does a plan change without ever getting a gap or an overlap?"""

from gis.plan.edits.applied import Applied
from gis.plan.edits.apply import apply_edit
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
from gis.plan.edits.redrawing import move_corners, redraw_border

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
    "move_corners",
    "read_edit",
    "redraw_border",
    "write_edit",
]
