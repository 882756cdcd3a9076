"""Where do log lines go?"""

from __future__ import annotations

import io
import sys

import pytest
import structlog

from api.guards.logs import configure_logs
from api.settings import Settings


def test_a_line_goes_to_the_standard_error_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure_logs(Settings(log_format="json"))
    log = structlog.get_logger("wangge")
    log.info("early")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.info("late")
    assert '"event": "late"' in second.getvalue()
    assert "early" not in second.getvalue()
