"""Which commands are there?

``wangge`` hands each command to one file of ``api.commands``. Exit codes: 0 done; 1 refused, with
one clear line on standard error; 2 the command line itself is wrong; 130 stopped with Ctrl+C.
"""

from __future__ import annotations

import os
import sys
import warnings

import typer
from pydantic import ValidationError

from api.commands import db, demo, import_lists, maps, plans, serve
from api.commands.output import complain
from gis.errors import WanggeError

INTERRUPTED = 130

app = typer.Typer(
    name="wangge",
    help="Wangge (网格): grids, reports and maps of a district governed by grids.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.add_typer(db.app, name="db")
app.add_typer(import_lists.app, name="import")
app.add_typer(maps.app, name="map")
app.add_typer(plans.app, name="plan")


@app.command("setup")
def setup() -> None:
    """Do everything that ./wangge does before handing over, and say where things are."""
    demo.say_where_things_are()


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
