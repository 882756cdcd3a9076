"""How do the commands speak?

People read standard error (progress, findings) and tables on standard output; programs ask for
``--json`` and get one JSON value on standard output and nothing else there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value for programs.")]

err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)


def complain(message: str) -> None:
    """Write one line of refusal to standard error."""
    line = " ".join(str(message).split())
    sys.stderr.write(f"wangge: {line}\n")


def say(message: str) -> None:
    """Write one line for the person who waits, to standard error."""
    err.print(message, markup=False)


def print_line(message: str) -> None:
    """Write one line of the answer to standard output."""
    out.print(message, markup=False)


def print_json(value: Any) -> None:
    """Write one JSON value to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table to standard output; numbers stand right."""
    table = Table(title=title or None, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


@contextmanager
def progress_rows(title: str, total: int | None) -> Iterator[Any]:
    """Show a bar of rows done; yields a function that takes the rows just done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda rows: progress.advance(task, rows)


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float):
        return f"{value:,.6g}"
    return escape(f"{value:,}" if isinstance(value, int) else str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    if hasattr(value, "item"):
        return value.item()
    return str(value)
