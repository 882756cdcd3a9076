"""``wangge db``: the database and its safety copies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.opening import database_url, open_from_settings
from api.commands.output import AsJson, print_json, say
from api.settings import Settings
from gis.errors import Refused
from gis.store.backup import backup as save_backup
from gis.store.backup import restore as load_backup
from gis.store.database import private_cluster

app = typer.Typer(no_args_is_help=True, help="The database: start, stop, look, save, restore.")


@app.command()
def up(
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Also migrate a database that is not ours.")
    ] = False,
) -> None:
    """Start the private cluster (or reach the one of WANGGE_DATABASE_URL) and migrate it."""
    database = open_from_settings(Settings(), upgrade=migrate)
    say(f"database is up: {database.engine.url.set(drivername='postgresql').render_as_string()}")
    database.engine.dispose()


@app.command()
def down() -> None:
    """Stop the private cluster; nothing is lost."""
    settings = Settings()
    _refuse_foreign(settings)
    private_cluster(settings.data_folder).stop()
    say("database is down")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the database runs, where it is, and which migrations it has."""
    from api.tasks.database_status import describe_database

    found = describe_database(Settings())
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        typer.echo(f"{name:12} {value}")


@app.command()
def url() -> None:
    """Print the URL of the database, for psql and QGIS; starts the private cluster."""
    typer.echo(database_url(Settings()))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy (PostgreSQL custom form).")],
) -> None:
    """Write a copy of the whole database to a file."""
    save_backup(database_url(Settings()), file)
    say(f"saved to {file} ({file.stat().st_size:,} bytes)")


@app.command()
def restore(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A copy from `backup`.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Replace what is in the database now.")
    ] = False,
) -> None:
    """Replace the database by a copy, all of it or nothing."""
    if not yes:
        raise Refused("restore replaces everything in the database; say --yes if you mean it")
    load_backup(database_url(Settings()), file)
    say(f"restored from {file}")


def _refuse_foreign(settings: Settings) -> None:
    if settings.database_url is not None:
        raise Refused(
            "WANGGE_DATABASE_URL names a server that is not ours; stop it by its own means"
        )
