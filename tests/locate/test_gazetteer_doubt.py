"""Does the address book leave open what the words leave open?

Each building has a place of its own: an answer that takes one of two is wrong.
"""

from __future__ import annotations

import pytest

from gis.locate.address import parse_address
from gis.locate.gazetteer import AddressMatch, Gazetteer
from gis.locate.standard_address import StandardAddress

WEST, EAST = "三明市三元区列西街道", "三明市三元区列东街道"
TEXTS = (
    *(f"{WEST}翁墩社区翁墩路6号翁墩新村{k}幢" for k in (1, 3, 5)),
    *(f"{EAST}江滨社区列东街{k}号" for k in (22, 28)),
    f"{EAST}江滨社区江滨路7号",
    f"{EAST}江滨社区和平里5号",
    f"{EAST}江滨社区列东中学",
    f"{EAST}江滨社区列东医院",
    f"{EAST}江滨社区万达公馆A1幢",
    f"{EAST}江滨社区万达公馆1幢",
    f"{EAST}江滨社区锦绣小区3幢",
)


@pytest.fixture(scope="module")
def book() -> Gazetteer:
    return Gazetteer(
        StandardAddress(f"A{k}", text, parse_address(text), 117.6 + k / 1000, 26.2)
        for k, text in enumerate(TEXTS)
    )


def said(match: AddressMatch) -> set[tuple[str, str, str]]:
    return {(r.part, r.verdict, r.given) for r in match.reasons}


@pytest.mark.parametrize(
    "given",
    [
        "翁墩新村3幢对面",
        "翁墩新村3幢旁边的超市",
        "翁墩新村3幢边上",
        "翁墩新村3幢南面",
        "翁墩新村3幢后",
        "翁墩新村3幢楼下对面",
        "列东街22号斜对过",
        "列东街22号再过去一点",
        "列东中学对面",
        "翁墩新村大概3幢",
        "翁墩新村倒数第3幢",
        "翁墩新村从北数第3幢",
        "翁墩新村3幢附近,13800138000",
        "翁墩新村3幢附进",
        "翁墩新村3幢后山",
        "翁墩新村3幢停车场",
    ],
)
def test_what_is_only_near_or_guessed_is_not_found(book: Gazetteer, given: str) -> None:
    match = book.match(given)
    assert match.status == "several"
    assert match.confidence < 0.6
    assert ("noise", "unchecked") in {(part, verdict) for part, verdict, _ in said(match)}


@pytest.mark.parametrize(
    "given",
    ["小学旁翁墩新村3幢", "翁墩新村3幢楼下", "翁墩新村3幢门口", "翁墩新村3幢,13800138000"],
)
def test_a_remark_that_leads_to_the_building_is_no_doubt(book: Gazetteer, given: str) -> None:
    assert book.match(given).status == "found"


@pytest.mark.parametrize(
    "given",
    [
        "3幢5幢",
        "3、5幢",
        "三、五幢",
        "3,5,1幢",
        "3至5幢",
        "3幢或5幢",
        "不是3幢是5幢",
        "3幢和5幢之间",
    ],
)
def test_two_buildings_are_not_one(book: Gazetteer, given: str) -> None:
    match = book.match(f"翁墩新村{given}")
    assert match.status == "several"
    assert ("building", "missing") in {(part, verdict) for part, verdict, _ in said(match)}


@pytest.mark.parametrize("given", ["列东街22-28号", "列东街22—28号", "列东街22号 列东街28号"])
def test_a_range_of_numbers_means_both_ends(book: Gazetteer, given: str) -> None:
    match = book.match(given)
    assert match.status == "several"
    assert [book.entry(int(k)).text for k in match.members] == [TEXTS[3], TEXTS[4]]


@pytest.mark.parametrize("given", ["列东街22号28号", "列东街28号22号"])
def test_two_numbers_are_both_candidates(book: Gazetteer, given: str) -> None:
    match = book.match(given)
    assert match.status == "several"
    assert {book.entry(int(k)).text for k in match.members} == {TEXTS[3], TEXTS[4]}
    assert ("number", "contradicted") in {(part, verdict) for part, verdict, _ in said(match)}


def test_a_second_number_that_the_book_lacks_is_told(book: Gazetteer) -> None:
    match = book.match("列东街22号24号")
    assert match.status == "several"
    assert ("number", "contradicted", "22,24") in said(match)


def test_a_part_of_a_number_is_no_range(book: Gazetteer) -> None:
    assert book.match("列东街28-22号").candidates[0].address.text == TEXTS[4]
    assert book.match("列东街28号附22").status == "found"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("列西街道列东街道翁墩新村3幢", ("subdistrict", "contradicted", "列东街道")),
        ("列东街江滨路7号", ("road", "contradicted", "列东街")),
        ("列东街22号(江滨路)", ("road", "contradicted", "江滨路")),
        ("翁墩新村3幢至锦绣小区3幢", ("estate", "contradicted", "至锦绣小区")),
        ("列东街22号列东中学", ("place", "contradicted", "列东中学")),
        ("列东街13巷22号", ("lane", "missing", "13")),
        ("翁墩路13巷6号翁墩新村3幢", ("lane", "contradicted", "13")),
    ],
)
def test_a_second_place_is_told(book: Gazetteer, given: str, reason: tuple[str, str, str]) -> None:
    match = book.match(given)
    assert match.status != "found"
    assert reason in said(match)


@pytest.mark.parametrize(
    "given", ["江滨东路7号", "江滨北路7号", "和平路5号", "列东小学", "列东学院"]
)
def test_another_place_is_no_misspelt_one(book: Gazetteer, given: str) -> None:
    match = book.match(given)
    assert match.status != "found"
    assert not {TEXTS[5], TEXTS[6], TEXTS[7], TEXTS[8]}.intersection(
        candidate.address.text for candidate in match.candidates
    )


def test_a_letter_before_a_dash_belongs_to_the_building(book: Gazetteer) -> None:
    assert book.match("万达公馆A-1幢").candidates[0].address.text == TEXTS[9]
    assert book.match("万达公馆1幢").candidates[0].address.text == TEXTS[10]
