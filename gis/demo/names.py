"""What are the places of the demonstration district called?

Names and codes of the 26 urban communities are real (public statistics codes of 2020). Their
position in the valley, the streets and the estates are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

DISTRICT = ("350402", "梅列区")
SUBDISTRICTS = {"350402001": "列东街道", "350402002": "列西街道", "350402003": "徐碧街道"}
WENGDUN = "350402002003"
WENGDUN_SUBGRIDS = (5, 4, 5, 4, 5, 4)


@dataclass(frozen=True, slots=True)
class Community:
    """A community: its real code and name, and what it is given in the demonstration."""

    code: str
    name: str
    grids: int
    character: str

    @property
    def stem(self) -> str:
        """The name without 社区, for estates, schools and markets."""
        return self.name.removesuffix("社区")


COMMUNITIES = tuple(
    Community(code, f"{stem}社区", grids, character)
    for code, stem, grids, character in (
        ("350402001001", "江滨", 6, "centre"),
        ("350402001002", "一路", 6, "centre"),
        ("350402001003", "二路", 6, "centre"),
        ("350402001004", "三路", 6, "centre"),
        ("350402001005", "四路", 6, "centre"),
        ("350402001006", "梅岭", 5, "hillside"),
        ("350402001007", "高岩", 5, "hillside"),
        ("350402001008", "崇桂", 6, "estate"),
        ("350402001009", "圳尾", 5, "old"),
        ("350402001010", "东安", 5, "old"),
        ("350402001011", "新和", 6, "estate"),
        ("350402002001", "富华", 7, "station"),
        ("350402002002", "龙岗", 5, "hillside"),
        ("350402002003", "翁墩", 6, "model"),
        ("350402002004", "北山", 5, "hillside"),
        ("350402002005", "青山", 5, "factory"),
        ("350402002006", "群英", 6, "old"),
        ("350402002007", "中台", 5, "old"),
        ("350402002008", "小蕉", 4, "factory"),
        ("350402003001", "五路", 6, "centre"),
        ("350402003002", "重化", 5, "factory"),
        ("350402003003", "乾龙", 6, "estate"),
        ("350402003004", "东乾", 6, "estate"),
        ("350402003005", "碧湖", 6, "new"),
        ("350402003006", "北门", 6, "new"),
        ("350402003007", "玖珑", 5, "new"),
    )
)

MAIN_ROADS = {
    ("E", "u", 110): "江滨路",
    ("E", "u", 270): "列东街",
    ("E", "u", 450): "新市北路",
    ("E", "u", 610): "崇宁路",
    ("E", "u", 760): "环山路",
    ("W", "u", -110): "江滨西路",
    ("W", "u", -300): "列西街",
    ("W", "u", -520): "富兴路",
    ("W", "u", -760): "西山路",
}
CROSS_ROADS = {
    "E": ("圳尾路", "东新一路", "东新三路", "东新五路", "东新六路", "乾龙路"),
    "W": ("青山路", "群英路", "翁墩路", "龙岗路", "碧湖路", "玖珑路"),
}
BRIDGES = ("圳尾大桥", "梅列大桥", "列东大桥", "列西大桥", "徐碧大桥", "碧湖大桥")

_FIRST = "永和文安康福兴瑞景新明德仁长春青云丰泰嘉华金锦翠"
_SECOND = "宁平顺昌源园盛山泉溪桥峰岭辉荣达林湖塘坂洋"
STREET_WORDS = tuple(
    _FIRST[i % len(_FIRST)] + _SECOND[(i * 5 + i // len(_SECOND)) % len(_SECOND)]
    for i in range(len(_FIRST) * len(_SECOND))
)
ESTATE_WORDS = (
    "锦绣", "阳光", "碧水", "翠竹", "金桂", "丹桂", "牡丹", "梅园", "兰亭", "玉兰", "水岸", "绿岸",
    "和顺", "春晓", "明珠", "山水", "福星", "银杏", "香樟", "星河", "东方", "紫薇", "安居", "景和",
)  # fmt: skip
SLAB_SUFFIXES = ("新村", "小区", "家属院")
TOWER_SUFFIXES = ("花园", "名城", "公馆", "华庭")

_DIGITS = "零一二三四五六七八九"


def chinese_number(value: int) -> str:
    """Write 1 to 99 in Chinese characters.

    Examples
    --------
    >>> [chinese_number(n) for n in (1, 10, 12, 20, 47)]
    ['一', '十', '十二', '二十', '四十七']
    """
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")
