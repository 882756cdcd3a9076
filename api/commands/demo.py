"""``wangge demo``: the main job on the demonstration district."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.maps import coverage, density
from api.commands.opening import open_from_settings
from api.commands.output import AsJson, print_json, say
from api.commands.serve import Port, check_port, serve
from api.settings import Settings
from api.tasks.demo import load_demo


def demo(
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Stop after the maps are written.")
    ] = False,
    port: Port = 8000,
    as_json: AsJson = False,
) -> None:
    """Database, demonstration district, both maps, and the server."""
    settings = Settings()
    if not no_serve:
        check_port("127.0.0.1", port)
    database = open_from_settings(settings)
    done = load_demo(database, tell=say)
    database.engine.dispose()
    maps = {name: settings.maps_folder / f"{name}.html" for name in ("density", "coverage")}
    density(output=maps["density"], plan=done.series.name)
    coverage(output=maps["coverage"], plan=done.series.name)
    total = done.located + done.outside + done.unlocated
    url = f"http://127.0.0.1:{port}/"
    if as_json:
        print_json({"counts": done, "maps": maps, "url": url})
    else:
        say(
            f"{done.located:,} of {total:,} reports located in {done.grids} grids "
            f"({done.unlocated:,} have no position, {done.outside:,} lie outside)"
        )
        say(f"open {url}" if not no_serve else f"open {url} after `./wangge serve --port {port}`")
    if not no_serve:
        serve(port=port)


def say_where_things_are() -> None:
    """Do everything that ./wangge does before handing over, and say where things are."""
    settings = Settings()
    say(f"program   {settings.assets_folder.parent.parent}")
    say(f"data      {settings.data_folder}")
    say(f"assets    {settings.assets_folder}")
    say("ready: `./wangge demo` shows the demonstration district")
