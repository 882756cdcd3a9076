"""Which commands are there?

``wangge`` hands each command to one file of ``api.commands``, and loads only the one that is asked:
each brings libraries that take their time. Exit codes: 0 done; 1 refused, with one clear line on
standard error; 2 the command line itself is wrong; 130 stopped with Ctrl+C.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from api.commands.output import complain
from gis.errors import WanggeError

INTERRUPTED = 130

COMMANDS = {
    "demo": "api.commands.demo:demo",
    "serve": "api.commands.serve:serve",
    "locate": "api.commands.locate:locate",
    "setup": "api.commands.demo:say_where_things_are",
    "db": "api.commands.db:app",
    "import": "api.commands.import_addresses:app",
    "map": "api.commands.maps:app",
    "plan": "api.commands.plans:app",
}
"""Where each command, or group of commands, is found."""


class _Commands(TyperGroup):
    """All commands, each loaded when somebody asks for it."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, name: str) -> Any:
        return _load(name) if name in COMMANDS else None


def _load(name: str) -> Any:
    module, _, what = COMMANDS[name].partition(":")
    found = getattr(import_module(module), what)
    around = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    return typer.main.get_group(around).commands[name]


app = typer.Typer(
    cls=_Commands,
    name="wangge",
    help="Wangge (网格): grids, reports and maps of a district governed by grids.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _wangge() -> None:
    pass


def main() -> None:
    """Run the command line and turn domain errors into one clear line."""
    if not sys.warnoptions:
        # Libraries warn programmers; a person is told in our own words.
        warnings.simplefilter("ignore")
    try:
        app()
    except WanggeError as error:
        complain(error.message)
        sys.exit(1)
    except ValidationError as error:
        faults = (
            f"WANGGE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()
        )
        complain("; ".join(faults))
        sys.exit(1)
    except BrokenPipeError:
        # The reader (head, less) went away: that is not an error, but stdout cannot be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        # The machine's own refusals: no permission, no space, a name that is too long.
        complain(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # Typer has caught the interrupt
            complain("stopped; nothing half done was kept")
        raise
