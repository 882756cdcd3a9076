"""Do messy addresses of the demonstration district find their building, and never a wrong grid?

The bars are those of ``benchmarks/addresses.py``, with fewer samples.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from benchmarks.addresses import Figures, Setting, count, set_up, sum_up
from benchmarks.perturbations import (
    CONTRADICTIONS,
    MISTAKES,
    PLAIN,
    draw_contradictions,
    draw_mistakes,
    draw_plain,
)
from gis.errors import InputError
from gis.locate.address_lookup import locate_address

SAMPLES = 150


@pytest.fixture(scope="module")
def setting() -> Setting:
    return set_up()


def ask(setting: Setting, kind: str, draw: Callable) -> Figures:
    figures = Figures(kind, per_second=1.0)
    for sample in draw(setting.book, kind, SAMPLES, random.Random(kind)):  # noqa: S311
        answer = locate_address(setting.gazetteer, setting.index, sample.text, with_border=False)
        count(figures, sample, answer, setting.grid_of)
    return figures


def test_addresses_without_mistakes(setting: Setting) -> None:
    total = sum_up("all", [ask(setting, kind, draw_plain) for kind in PLAIN])
    assert total.samples > 0.9 * SAMPLES * len(PLAIN)
    assert total.right >= 0.995 * total.samples
    assert total.inside >= 0.99 * total.samples
    assert total.wrong_inside <= total.samples / 1000


def test_addresses_with_one_mistake(setting: Setting) -> None:
    total = sum_up("all", [ask(setting, kind, draw_mistakes) for kind in MISTAKES])
    assert total.samples > 0.9 * SAMPLES * len(MISTAKES)
    assert total.right >= 0.97 * total.samples
    assert total.wrong_inside <= total.samples / 1000


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_every_contradiction_is_told(setting: Setting, kind: str) -> None:
    figures = ask(setting, kind, draw_contradictions)
    assert figures.samples == figures.contradicted == SAMPLES
    assert figures.inside == 0


def test_hostile_texts_raise_nothing_but_the_error_of_input(setting: Setting) -> None:
    chance = random.Random(7)  # noqa: S311
    alphabet = "号幢巷路街村社区一十百09-（(【\x00\ud800\u200b附之 \n翁墩新村列东🏠é"
    for _ in range(500):
        setting.gazetteer.match("".join(chance.choices(alphabet, k=chance.randint(0, 300))))
    with pytest.raises(InputError, match="100000"):
        setting.gazetteer.match("翁墩新村12幢号" * 12_500)
