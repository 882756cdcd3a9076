"""Do names and codes change, and nothing else?"""

import pytest
from pydantic import ValidationError

from gis.errors import InputError, NotFound, Refused
from gis.plan.edits import Rename, Renumber, apply_edit
from tests.plan.edits.by_chance import check_applied
from tests.plan.edits.drawn import COMMUNITY, board, grid


def apply(edit, **how):
    applied = apply_edit(board(), edit, **how)
    check_applied(board(), edit, applied)
    return applied


def test_a_name_changes_and_nothing_else():
    applied = apply(Rename(code=grid(5), name=" 翁墩北 "))
    assert applied.plan[grid(5)].name == "翁墩北"
    assert applied.changed == {grid(5)}


def test_two_codes_may_be_exchanged():
    applied = apply(Renumber(codes={grid(1): grid(2), grid(2): grid(1)}))
    assert applied.plan[grid(2)].name == "第1网格"
    assert applied.changed == {grid(1), grid(2)}


def test_areas_below_follow_the_code_of_their_parent():
    applied = apply(Renumber(codes={COMMUNITY: "350404002003"}))
    assert applied.plan[grid(1)].parent == "350404002003"
    assert applied.changed == {COMMUNITY, "350404002003"}


def test_by_rule_all_below_a_parent_get_free_codes_in_reading_order():
    applied = apply(Renumber(parent=COMMUNITY), used=frozenset({grid(10)}))
    assert applied.edit.codes[grid(1)] == grid(11)
    assert [g.name for g in applied.plan.children(COMMUNITY)] == [
        f"第{number}网格" for number in range(1, 10)
    ]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Renumber(codes={grid(1): grid(2)}), "is that of 第2网格"),
        (Renumber(codes={grid(1): "x", grid(2): "x"}), "two areas would get the code x"),
        (Renumber(codes={grid(1): " x"}), "is no code"),
        (Renumber(codes={grid(1): "old"}), "was in use before"),
        (Renumber(codes={grid(1): grid(1)}), "no code would change"),
        (Renumber(), "name the areas"),
        (Renumber(parent=grid(1)), "nothing lies below"),
    ],
)
def test_codes_that_cannot_be_given_are_refused(edit, why):
    with pytest.raises(Refused, match=why):
        apply_edit(board(), edit, used=frozenset({"old"}))


def test_what_is_no_edit_or_names_nothing_fails_plainly():
    with pytest.raises(NotFound):
        apply_edit(board(), Rename(code="nowhere", name="x"))
    with pytest.raises(InputError, match="is no edit"):
        apply_edit(board(), "split")


@pytest.mark.parametrize("name", ["a\x07", "a\nb", "a\x00", "a\u202eb", "\u200b", " \u200b "])
def test_a_name_is_one_line_of_visible_characters(name: str):
    with pytest.raises(ValidationError, match="visible characters"):
        Rename(code=grid(5), name=name)


def test_a_code_that_no_address_can_hold_is_refused():
    with pytest.raises(Refused, match="no address"):
        apply_edit(board(), Renumber(codes={grid(1): ".."}))
