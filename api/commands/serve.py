"""``wangge serve``: answer over HTTP."""

from __future__ import annotations

import ipaddress
import socket
from typing import Annotated

import typer
import uvicorn

from api.commands.opening import open_from_settings
from api.commands.output import say
from api.settings import Settings
from gis.errors import Refused

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="TCP port.")]


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64)] = 1,
) -> None:
    """Serve the pages and the API; on this machine only unless --host says otherwise."""
    open_from_settings(Settings()).engine.dispose()
    check_port(host, port)
    if not _is_loopback(host):
        say(f"listening on {host}: everybody who reaches this address may use every page")
    say(f"open http://{host}:{port}/  (Ctrl+C stops)")
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def check_port(host: str, port: int) -> None:
    """Refuse an address that something else listens on, before any long work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
            ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
