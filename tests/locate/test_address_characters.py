"""Is every writing of the same characters one normal form, and every numeral one number?"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gis.locate.words.characters import normal_form
from gis.locate.words.numerals import number_in_figures, read_numeral, write_numeral


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("１２幢—３０５", "12幢-305"),
        ("12幢–305", "12幢-305"),
        ("12幢﹣305", "12幢-305"),
        ("12幢−305", "12幢-305"),
        ("12 幢 305", "12幢305"),
        ("12  -  305", "12-305"),
        ("臺北市中山區", "台北市中山区"),
        ("臺灣大道三段９９號", "台湾大道三段99号"),
        ("二樓之１", "二楼之1"),
        ("大安里５鄰", "大安里5邻"),
        ("乾龙社区", "乾龙社区"),
        ("曲陽新邨", "曲阳新村"),
        ("翁墩\u200b新村\ufeff", "翁墩新村"),
        ("翁墩　新村", "翁墩新村"),
        ("融信·白宫", "融信白宫"),
        ("3＃楼", "3#楼"),
        ("（北区）【南门】", "(北区)(南门)"),
        ("列东街，12号。", "列东街,12号,"),
        ("Ａ座", "a座"),
        ("六○一", "六〇一"),
        ("①号", "1号"),
        ("🏠列东街", "列东街"),
        ("Hauptstraße", "hauptstrasse"),
        ("Städtle  32", "stadtle 32"),
        ("Sta\u0308dtle", "stadtle"),
        ("MAIN\tStreet\n5", "main street 5"),
        ("", ""),
    ],
)
def test_one_normal_form(written: str, normal: str) -> None:
    assert normal_form(written) == normal


@given(st.text(max_size=80))
@example("薴\u0345ﬃ ﷺ")
def test_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once


def test_every_single_character_has_a_stable_form() -> None:
    codes = (code for code in range(0x3400) if not 0xD800 <= code < 0xE000)
    unstable = [hex(c) for c in codes if normal_form(normal_form(chr(c))) != normal_form(chr(c))]
    assert unstable == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("四十八", 48), ("六〇一", 601), ("六零一", 601), ("一百零二", 102), ("廿", 20),
        ("廿三", 23), ("卅一", 31), ("十", 10), ("二十", 20), ("壹佰贰拾", 120), ("012", 12),
        ("一二", 12), ("", None), ("甲", None), ("1.5", None), ("²", None), ("十甲", None),
    ],
)  # fmt: skip
def test_numerals_are_read(written: str, value: int | None) -> None:
    assert read_numeral(written) == value


@given(st.integers(1, 9999))
def test_written_numerals_are_read_back(value: int) -> None:
    words = write_numeral(value)
    figure_by_figure = str(value).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))
    assert read_numeral(words) == value
    assert read_numeral(figure_by_figure) == value
    assert number_in_figures(words) == number_in_figures(f"0{value}") == str(value)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("四十八", "48"), ("012", "12"), ("十二之三", "12-3"), ("12附3", "12-3"), ("12/3", "12-3"),
        ("甲十二", "甲12"), ("12甲", "12甲"), ("第三", "3"), ("b12", "b12"), ("东", "东"),
    ],
)  # fmt: skip
def test_numbers_in_figures(written: str, normal: str) -> None:
    assert number_in_figures(written) == normal
