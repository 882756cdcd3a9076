"""Is a compiled function renewed when another file changes, whose function it calls?"""

import shutil
import subprocess
import sys
from pathlib import Path

from gis.locate.table import compiling

CALLER = """
from gis.locate.table.compiling import compiled
from gis.locate.table.sides import settle

@compiled
def ask(value):
    return settle(value) + 1.0
"""


def ask(folder: Path) -> tuple[float, int]:
    program = (
        "from gis.locate.table.cells import ask; "
        "print(ask(2.0), sum(ask.stats.cache_hits.values()))"
    )
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); {program}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    answer, hits = done.stdout.split()
    return float(answer), int(hits)


def test_a_caller_is_renewed_with_what_it_calls(tmp_path: Path) -> None:
    """First compiled, then taken from disk, and compiled anew after a change in another file."""
    room = tmp_path / "gis" / "locate" / "table"
    room.mkdir(parents=True)
    for folder in (room, room.parent, room.parent.parent):
        (folder / "__init__.py").touch()  # else the installed packages come first
    for name in ("compiling.py", *compiling.FILES):
        shutil.copy(Path(compiling.__file__).with_name(name), room)
    (room / "cells.py").write_text(CALLER)
    assert ask(tmp_path) == (3.0, 0)
    assert ask(tmp_path) == (3.0, 1)
    sides = (room / "sides.py").read_text()
    changed = sides.replace("return value if abs(value) >= TINY else 0.0", "return value * 10.0")
    assert changed != sides
    (room / "sides.py").write_text(changed)
    assert ask(tmp_path) == (21.0, 0)
