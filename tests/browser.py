"""A real Chromium whose way out of this machine is cut, and who notices whoever tries."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

HOME = {"127.0.0.1", "localhost", ""}


def find_chromium() -> str:
    """Return the browser to use; there is no run without one."""
    for name in (os.environ.get("WANGGE_CHROMIUM"), "chromium", "google-chrome"):
        found = name and shutil.which(name)
        if found:
            return found
    return pytest.fail("the tests need Chromium; ./wangge test installs it")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium for some tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watch:
    """A page with what went wrong on it."""

    page: Page
    faults: list[str] = field(default_factory=list)


@contextmanager
def watched_page(browser: Browser, *, width: int = 1366, height: int = 768) -> Iterator[Watch]:
    """Open a page; console errors, dialogs and requests that leave the machine are faults."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    watch = Watch(context.new_page())

    def refuse_strangers(route: Route) -> None:
        if (urlsplit(route.request.url).hostname or "") in HOME:
            route.continue_()
        else:
            watch.faults.append(f"request to {route.request.url}")
            route.abort()

    context.route("**/*", refuse_strangers)
    page = watch.page
    page.on(
        "console", lambda line: watch.faults.append(line.text) if line.type == "error" else None
    )
    page.on("pageerror", lambda error: watch.faults.append(str(error)))
    page.on("dialog", lambda dialog: (watch.faults.append("dialog"), dialog.dismiss()))
    yield watch
    context.close()


def wait_for(page: Page, condition: str) -> None:
    """Wait until an expression is true; ``wait_for_function`` would need ``unsafe-eval``."""
    deadline = time.monotonic() + 15
    while page.evaluate(condition) is not True:
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)
