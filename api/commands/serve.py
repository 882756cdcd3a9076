"""``wangge serve``: answer over HTTP."""

from __future__ import annotations

import gc
import ipaddress
import multiprocessing
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.output import say
from gis.errors import Refused

if TYPE_CHECKING:
    from fastapi import FastAPI

LONGEST_SILENCE_S = 10
"""A worker that is silent for so long is replaced; a slow machine may take seconds to start one."""
PATIENCE_S = 5.0
"""A worker takes requests when it is ready, or after so long."""

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="TCP port.")]


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that answer side by side.")
    ] = 1,
) -> None:
    """Serve the pages and the API; on this machine only unless --host says otherwise."""
    import uvicorn

    from api.commands.opening import open_from_settings
    from api.settings import Settings

    open_from_settings(Settings()).engine.dispose()
    check_port(host, port)
    if not _is_loopback(host):
        say(f"listening on {host}: everybody who reaches this address may use every page")
    say(f"open http://{host}:{port}/  (Ctrl+C stops)")
    uvicorn.run(
        "api.commands.serve:create_worker",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_worker_healthcheck=LONGEST_SILENCE_S,
    )


def create_worker() -> FastAPI:
    """Return the application of one process, which ends when the one that started it is gone."""
    from api.app import create_app

    parent = multiprocessing.parent_process()
    if parent is None:
        return create_app(on_loaded=spare_the_collector)
    threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()
    return create_app(patience_s=PATIENCE_S, on_loaded=spare_the_collector)


def spare_the_collector() -> None:
    """Let Python's garbage collector pass over all that is in memory now.

    Else it walks through plans and address books now and then, and a lookup waits 100 ms for it.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    # Otherwise workers whose parent was killed would answer for ever, and hold the port.
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


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
