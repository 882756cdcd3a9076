"""Does the address book find what the words mean, and say what does not fit?

The small book: 列西街道 has 翁墩社区 with 翁墩新村 (buildings 1 to 3, 翁墩路6号) and 翁墩小区
(building 2); 列东街道 has houses on 列东街, one of them in lane 45, and 大路村 numbers its houses.
"""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from gis.locate.address import Address, parse_address
from gis.locate.gazetteer import AddressMatch, Gazetteer, Reason
from gis.locate.standard_address import Alias, StandardAddress

WEST, EAST = "三明市三元区列西街道", "三明市三元区列东街道"
TEXTS = (
    *(f"{WEST}翁墩社区翁墩路6号翁墩新村{k}幢" for k in (1, 2, 3)),
    f"{WEST}翁墩社区翁墩路6号翁墩新村3幢1单元",
    f"{WEST}翁墩社区翁墩路6号翁墩新村3幢1单元201室",
    f"{WEST}翁墩社区富兴路80号翁墩小区2幢",
    f"{EAST}江滨社区列东街4号",
    f"{EAST}江滨社区列东街45巷4号",
    f"{EAST}江滨社区列东街6号",
    f"{EAST}东新社区东新三路8号",
    f"{EAST}东新社区东新五路9号",
    f"{EAST}大路村12号",
)
ALIASES = (Alias("county", "梅列区", "三元区", date(1983, 9, 1), date(2021, 3, 1)),)


def make_entry(k: int, text: str) -> StandardAddress:
    return StandardAddress(f"A{k}", text, parse_address(text), 117.6 + k / 1000, 26.2, f"B{k}")


@pytest.fixture(scope="module")
def book() -> Gazetteer:
    return Gazetteer((make_entry(k, t) for k, t in enumerate(TEXTS)), aliases=ALIASES)


def texts(match: AddressMatch) -> list[str]:
    return [candidate.address.text for candidate in match.candidates]


def reason(match: AddressMatch, part: str) -> Reason:
    return next(r for r in match.reasons if r.part == part)


@pytest.mark.parametrize(
    ("given", "position"),
    [
        (TEXTS[0], 0),
        ("翁墩新村2幢", 1),
        ("翁墩路6号2栋", 1),
        ("列西街道翁墩新村二号楼", 1),
        ("翁墩新村2-1-305", 1),
        ("翁墩新村3幢1单元201室", 2),
        ("翁墩新村2号", 1),
        ("列东街4号", 6),
        ("列东街45巷4号", 7),
        ("列東街４５巷４號", 7),
        ("列东街4号附2", 6),
        ("大路村12号", 11),
        ("三元列东街道列东街6号", 8),
        ("翁墩新村2幢，三明市三元区列西街道", 1),
        ("翁敦新村2幢", 1),
        ("翁墩新付2幢", 1),
        ("三元区列西街到翁墩社区翁墩新村2幢", 1),
        ("列西街道翁墩区社翁墩新村2幢", 1),
        ("列西道街翁墩新村2幢", 1),
        ("列东东新3路8号", 9),
        ("东新东新3路8号", 9),
        ("福建三明三元列东东新3路8号", 9),
        ("列东列东街4号", 6),
        ("梅列列东街4号", 6),
        ("三明梅列列东列东街4号", 6),
        ("列东大路村12号", 11),
        ("列西翁墩新村2幢", 1),
        ("翁墩路6号2号", 1),
    ],
)
def test_the_words_find_their_building(book: Gazetteer, given: str, position: int) -> None:
    match = book.match(given)
    assert match.status == "found"
    assert texts(match) == [TEXTS[position]]
    assert 0.6 < match.confidence <= 1


def test_rooms_and_entrances_are_one_entry_with_their_building(book: Gazetteer) -> None:
    assert len(book) == len(TEXTS) - 2
    match = book.match("翁墩新村3幢1单元201室")
    assert reason(match, "unit").verdict == reason(match, "room").verdict == "matched"
    other = book.match("翁墩新村3幢7单元701室")
    assert other.status == "found"
    assert reason(other, "unit").verdict == reason(other, "room").verdict == "unchecked"


def test_entrances_without_a_building_stay_apart_and_never_name_a_room() -> None:
    rooms = [
        f"{WEST}翁墩路6号翁墩新村9幢{unit}单元{room}室" for unit in (1, 2) for room in (101, 102)
    ]
    book = Gazetteer(make_entry(k, text) for k, text in enumerate(rooms))
    assert len(book) == 2
    assert texts(book.match("翁墩新村9幢2单元102室"))[0].endswith("9幢2单元")
    assert book.match("翁墩新村9幢").status == "several"


@pytest.mark.parametrize(
    ("given", "part", "note"),
    [
        ("列东街道翁墩新村2幢", "subdistrict", "翁墩新村 lies in 列西街道, not in 列东街道"),
        ("江滨社区翁墩新村2幢", "community", "翁墩新村 lies in 翁墩社区, not in 江滨社区"),
        ("三明市沙县区翁墩新村2幢", "county", "翁墩新村 lies in 三元区, not in 沙县区"),
        ("福州市翁墩新村2幢", "city", "翁墩新村 lies in 三明市, not in 福州市"),
        ("列东街翁墩新村2幢", "road", "翁墩新村 stands on 翁墩路, not on 列东街"),
        ("翁墩路8号翁墩新村2幢", "number", f"{TEXTS[1]} has number 6, not 8"),
        ("列西东新3路8号", "subdistrict", f"{TEXTS[9]} lies in 列东街道, not in 列西"),
        ("江滨东新3路8号", "community", f"{TEXTS[9]} lies in 东新社区, not in 江滨"),
        ("列东街4号翁墩新村", "estate", f"{TEXTS[6]} is no part of 翁墩新村"),
    ],
)
def test_what_contradicts_is_told_and_not_mended(
    book: Gazetteer, given: str, part: str, note: str
) -> None:
    match = book.match(given)
    assert match.status == "several"
    assert match.confidence < 0.5
    assert reason(match, part).verdict == "contradicted"
    assert reason(match, part).note == note


def test_two_contradicting_places_are_both_candidates(book: Gazetteer) -> None:
    match = book.match("列东街4号翁墩新村2幢")
    assert set(texts(match)) == {TEXTS[1], TEXTS[6]}


def test_an_upper_part_of_which_the_book_knows_nothing_is_unchecked(book: Gazetteer) -> None:
    match = book.match("福建省翁墩新村2幢")
    assert match.status == "found"
    assert reason(match, "province").verdict == "unchecked"


def test_names_of_the_plans_areas_count_beside_the_text() -> None:
    entry = StandardAddress("1", "翁墩新村2幢", parse_address("翁墩新村2幢"), 117.6, 26.2)
    areas = [{"county": "三元区", "subdistrict": "列西街道"}]
    book = Gazetteer([entry], areas=areas)
    assert reason(book.match("列西街道翁墩新村2幢"), "subdistrict").verdict == "matched"
    match = book.match("列东街道翁墩新村2幢")
    assert (match.status, reason(match, "subdistrict").verdict) == ("several", "contradicted")
    assert reason(book.match("翁墩社区翁墩新村2幢"), "community").verdict == "unchecked"


def test_a_retired_name_is_an_alias_with_its_dates(book: Gazetteer) -> None:
    match = book.match("梅列区翁墩新村2幢", at=date(2026, 11, 23))
    said = reason(match, "county")
    assert match.status == "found"
    assert (said.verdict, said.given, said.standard) == ("alias", "梅列区", "三元区")
    assert "from 1983-09-01 until 2021-03-01" in said.note


def test_an_ending_that_is_left_out_is_no_mistake(book: Gazetteer) -> None:
    for given in ("福建三明三元翁墩新村2幢", "福建三明三元翁敦新村2幢", "三元翁敦新村2幢"):
        said = reason(book.match(given), "county")
        assert (said.verdict, said.given, said.standard) == ("matched", "三元", "三元区")
        assert said.note == "the ending of 三元区 is left out"
    assert reason(book.match("三明三元翁敦新村2幢"), "estate").verdict == "typo"


@pytest.mark.parametrize("given", ["列东新三路8号", "列东大路8号", "火星东新三路8号"])
def test_only_known_areas_and_names_divide_a_name(given: str) -> None:
    texts = (f"{EAST}东新社区新三路8号", f"{EAST}东新社区大路8号", f"{EAST}东新社区东新三路8号")
    book = Gazetteer(make_entry(k, text) for k, text in enumerate(texts))
    assert book.match(given).status == "unknown"


def test_a_stem_of_two_areas_is_the_one_that_fits() -> None:
    texts = (f"{WEST}列东社区崇宁路3号", f"{EAST}江滨社区江滨路5号")
    book = Gazetteer(make_entry(k, text) for k, text in enumerate(texts))
    assert reason(book.match("列东崇宁路3号"), "community").verdict == "matched"
    assert reason(book.match("列东江滨路5号"), "subdistrict").verdict == "matched"


def test_one_name_of_two_places_means_the_one_in_force() -> None:
    entries = [make_entry(k, text) for k, text in enumerate(("和平路1号", "胜利路1号"))]
    aliases = (
        Alias("road", "中山路", "和平路", None, date(2000, 1, 1)),
        Alias("road", "中山路", "胜利路", date(2000, 1, 1), None),
    )
    book = Gazetteer(entries, aliases=aliases)
    assert texts(book.match("中山路1号", at=date(1999, 12, 31))) == ["和平路1号"]
    assert texts(book.match("中山路1号", at=date(2000, 1, 1))) == ["胜利路1号"]
    assert book.match("中山路1号").status == "several"


def test_a_mistake_is_told(book: Gazetteer) -> None:
    said = reason(book.match("翁敦新村2幢"), "estate")
    assert (said.verdict, said.given, said.standard) == ("typo", "翁敦新村", "翁墩新村")
    assert "敦 stands for 墩" in said.note
    said = reason(book.match("三元区列西街到翁墩社区翁墩新村2幢"), "subdistrict")
    assert (said.verdict, said.given, said.standard) == ("typo", "列西街到", "列西街道")


@pytest.mark.parametrize("given", ["东新四路8号", "新东新三路8号", "东新三路9号", "翁墩新村20幢"])
def test_what_tells_names_apart_is_never_mended(book: Gazetteer, given: str) -> None:
    assert book.match(given).status != "found"


@pytest.mark.parametrize("given", ["东新无路8号", "东无三路8号"])
def test_a_numeral_is_never_guessed(book: Gazetteer, given: str) -> None:
    found = texts(book.match(given))
    assert found == ([TEXTS[9]] if given == "东无三路8号" else [])


def test_a_dropped_ending_means_all_that_begin_so(book: Gazetteer) -> None:
    match = book.match("翁墩2幢")
    assert match.status == "several"
    assert set(texts(match)) == {TEXTS[1], TEXTS[5]}
    assert book.match("翁墩1幢").confidence < book.match("翁墩新村1幢").confidence


def test_an_estate_without_a_building_means_all_of_them(book: Gazetteer) -> None:
    match = book.match("翁墩新村")
    assert (match.status, match.scope) == ("several", "estate")
    assert [book.entry(int(k)).text for k in match.members] == list(TEXTS[:3])


def test_a_building_that_the_book_lacks_is_missing(book: Gazetteer) -> None:
    match = book.match("翁墩新村99幢")
    said = reason(match, "building")
    assert match.status == "several"
    assert (said.verdict, said.given, said.standard) == ("missing", "99", "")


def test_a_road_means_its_houses_and_a_number_that_is_not_there_nothing(book: Gazetteer) -> None:
    road = book.match("列东街")
    assert (road.status, road.scope) == ("several", "road")
    assert set(texts(road)) == {TEXTS[6], TEXTS[7], TEXTS[8]}
    match = book.match("列东街99号")
    assert (match.status, len(match.candidates), len(match.members)) == ("unknown", 0, 0)
    assert reason(match, "road").verdict == "matched"
    assert reason(match, "number").verdict == "missing"


@pytest.mark.parametrize("given", ["", "你好", "号", "\x00\ud800", "火星路1号", "((((", "一" * 500])
def test_what_is_no_address_is_unknown(book: Gazetteer, given: str) -> None:
    match = book.match(given)
    assert (match.status, match.confidence) == ("unknown", 0.0)


def test_an_empty_book_knows_nothing() -> None:
    book = Gazetteer(())
    assert len(book) == 0
    assert book.match(TEXTS[0]).status == "unknown"


def test_a_book_of_streets_in_several_cities() -> None:
    places = [
        ("Vaduz", "Landstrasse", "5"),
        ("Schaan", "Landstrasse", "5"),
        ("Schaan", "Feldweg", "7a"),
    ]
    entries = [
        StandardAddress(
            str(k),
            f"{road} {number}, {city}",
            Address(city=city, road=road, number=number),
            9.5,
            47.1,
        )
        for k, (city, road, number) in enumerate(places)
    ]
    book = Gazetteer(entries)
    assert texts(
        book.match_parts(Address(city="schaan", road="landstrasse", number="5"), given="")
    ) == ["Landstrasse 5, Schaan"]
    assert book.match_parts(Address(road="landstrasse", number="5"), given="").status == "several"
    assert texts(book.match("landstr. 5 Schaan")) == ["Landstrasse 5, Schaan"]
    assert book.match_parts(Address(road="felweg", number="7a"), given="").status == "found"


def test_what_looks_like_a_town_may_be_the_end_of_a_street() -> None:
    street = Address(road="Park Lane South", number="5")
    book = Gazetteer([StandardAddress("1", "Park Lane South 5", street, 9.5, 47.1)])
    assert book.match("5 Park Lane South").status == "found"
    assert book.match("Park Lane South 5").status == "found"


def test_equal_words_at_two_places_are_not_told_apart() -> None:
    entries = [make_entry(k, "列东街4号") for k in (1, 2)]
    match = Gazetteer(entries).match("列东街4号")
    assert (match.status, len(match.members)) == ("several", 2)


def test_a_pickled_book_answers_the_same(book: Gazetteer) -> None:
    again = pickle.loads(pickle.dumps(book))  # noqa: S301
    for text in ("梅列区翁墩新村2幢", "翁墩新付2幢", "列东街"):
        ours, theirs = book.match(text), again.match(text)
        assert (ours.reasons, texts(ours)) == (theirs.reasons, texts(theirs))
    assert again.lon.tolist() == book.lon.tolist()


def test_entries_come_back_as_they_were_given(book: Gazetteer) -> None:
    assert book.entry(7) == StandardAddress(
        "A9", TEXTS[9], parse_address(TEXTS[9]), book.lon[7], 26.2, "B9"
    )
