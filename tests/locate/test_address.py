"""Are the parts of a written address found, however it is written?

Each line is a text, an arrow, and all its parts (``_`` is a space); indented lines go on.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.locate import address
from gis.locate.address import LONGEST_ADDRESS, Address, parse_address
from gis.locate.words import tokens
from gis.locate.words.suffixes import COUNTED, NAMED

WHOLE = """
福建省三明市梅列区列东街道江滨社区江滨路12号锦绣新村3幢2单元601室
    => province=福建省 city=三明市 county=梅列区 subdistrict=列东街道 community=江滨社区 road=江滨路
    number=12 estate=锦绣新村 building=3 unit=2 room=601
三明市梅列区江滨社区江滨路12号锦绣新村3幢
    => city=三明市 county=梅列区 community=江滨社区 road=江滨路 number=12 estate=锦绣新村 building=3
江滨路12号锦绣新村3幢2单元601室 => road=江滨路 number=12 estate=锦绣新村 building=3 unit=2 room=601
锦绣新村3幢2单元601室 => estate=锦绣新村 building=3 unit=2 room=601
福建三明梅列区列东街12号 => province=福建省 city=三明市 county=梅列区 road=列东街 number=12
三明市列东街12号 => city=三明市 road=列东街 number=12
列东街12号 => road=列东街 number=12
列东街道 => subdistrict=列东街道
新市北路133号东方家属院5幢 => road=新市北路 number=133 estate=东方家属院 building=5
东方家属院 => estate=东方家属院
翁墩 => place=翁墩
列西街道翁墩 => subdistrict=列西街道 place=翁墩
福建三明 => province=福建省 city=三明市
福建省石狮市湖滨街道 => province=福建省 county=石狮市 subdistrict=湖滨街道
福建省泉州市石狮市湖滨街道 => province=福建省 city=泉州市 county=石狮市 subdistrict=湖滨街道
永安市青州镇江滨路12号 => county=永安市 subdistrict=青州镇 road=江滨路 number=12
昆山市玉山镇前进西路899号 => county=昆山市 subdistrict=玉山镇 road=前进西路 number=899
三元区莘口镇沙阳村12号 => county=三元区 subdistrict=莘口镇 community=沙阳村 number=12
三元区陈大镇碧溪村3组15号 => county=三元区 subdistrict=陈大镇 community=碧溪村 number=15 estate=三组
洋溪村东坑12号 => community=洋溪村 number=12 estate=东坑
徐碧村三巷12号 => community=徐碧村 lane=3 number=12
徐碧村委会 => community=徐碧村
翁墩居委会 => community=翁墩社区
列东街道办事处 => subdistrict=列东街道
列东办事处 => subdistrict=列东街道
"""

NUMBERS = """
列东街45巷4号 => road=列东街 lane=45 number=4
列东街三十六号 => road=列东街 number=36
列东街廿八号 => road=列东街 number=28
列东街〇九号 => road=列东街 number=9
列东街12-3号 => road=列东街 number=12-3
列东街12之3号 => road=列东街 number=12-3
列东街12号附3 => road=列东街 number=12-3
列东街12号附3号 => road=列东街 number=12-3
列东街12号之三 => road=列东街 number=12-3
列东街十二之三号 => road=列东街 number=12-3
列东街12号-1 => road=列东街 number=12-1
列东街甲12号 => road=列东街 number=甲12
列东街12号甲 => road=列东街 number=12甲
列东街12号18号 => road=列东街 number=12,18
列东街12号院5号 => road=列东街 number=12 building=5
列东街12号院5号楼 => road=列东街 number=12 building=5
列东街12 => road=列东街 number=12
列东街12-305 => road=列东街 number=12 room=305
列东街12号305 => road=列东街 number=12 room=305
列东街12号3楼 => road=列东街 number=12 floor=3
列东街12号3# => road=列东街 number=12 building=3
列东街12弄3支弄5号 => road=列东街 lane=12-3 number=5
云泉路2巷8号 => road=云泉路 lane=2 number=8
江滨路12号3-501 => road=江滨路 number=12 unit=3 room=501
江滨路中段12号 => road=江滨路 number=12 noise=中段
东新3路12号 => road=东新三路 number=12
沿江路28-1号 => road=沿江路 number=28-1
12-305 => building=12 room=305
305 => room=305
5F => floor=5
"""

BUILDINGS = """
翁墩12幢 => estate=翁墩 building=12
翁墩12-305 => estate=翁墩 building=12 room=305
翁墩新村1-305 => estate=翁墩新村 building=1 room=305
翁墩新村12-1-305 => estate=翁墩新村 building=12 unit=1 room=305
翁墩新村12/3/601 => estate=翁墩新村 building=12 unit=3 room=601
翁墩新村十二-305 => estate=翁墩新村 building=12 room=305
翁墩新村12号楼 => estate=翁墩新村 building=12
翁墩新村12号 => number=12 estate=翁墩新村
翁墩新村12幢1-305室 => estate=翁墩新村 building=12 unit=1 room=305
翁墩新村12幢502号 => estate=翁墩新村 building=12 room=502
翁墩新村48栋1单元６０１ => estate=翁墩新村 building=48 unit=1 room=601
翁墩新村四十八幢六〇一 => estate=翁墩新村 building=48 room=601
翁墩新村十二栋二单元三〇二室 => estate=翁墩新村 building=12 unit=2 room=302
翁墩新村一百零二幢 => estate=翁墩新村 building=102
翁墩新村一二栋 => estate=翁墩新村 building=12
翁墩新村第3幢第二单元 => estate=翁墩新村 building=3 unit=2
翁墩新村0012幢0101室 => estate=翁墩新村 building=12 room=101
翁墩新村48#601 => estate=翁墩新村 building=48 room=601
翁墩新村3#楼2单元 => estate=翁墩新村 building=3 unit=2
翁墩新村A座1203 => estate=翁墩新村 building=a room=1203
翁墩新村A12幢 => estate=翁墩新村 building=a12
翁墩新村12栋A座2301 => estate=翁墩新村 building=12 unit=a room=2301
翁墩新村12栋2梯501 => estate=翁墩新村 building=12 unit=2 room=501
翁墩新村12幢-2单元-601 => estate=翁墩新村 building=12 unit=2 room=601
翁墩新村12幢1单元东户 => estate=翁墩新村 building=12 unit=1 room=东
翁墩新村3楼2门501 => estate=翁墩新村 building=3 unit=2 room=501
翁墩新村12幢3楼 => estate=翁墩新村 building=12 floor=3
翁墩小区5F => estate=翁墩小区 floor=5
翁墩新村二期12幢 => estate=翁墩新村二期 building=12
翁墩新村A区12幢 => estate=翁墩新村a区 building=12
翁墩新村（北区）12幢 => estate=翁墩新村北区 building=12
东安新村3栋2单元1楼101 => estate=东安新村 building=3 unit=2 floor=1 room=101
国贸大厦12楼1203室 => floor=12 room=1203 place=国贸大厦
列东街12号国贸大厦B座1203 => road=列东街 number=12 building=b room=1203 place=国贸大厦
碧桂园小区12栋 => estate=碧桂园小区 building=12
万科城市花园8幢 => estate=万科城市花园 building=8
龙湖新城春江花园3幢 => estate=春江花园 building=3 place=龙湖新城
soho现代城A座1203 => estate=soho现代城 building=a room=1203
"""

ORDER = """
翁墩新村12幢列西街道 => subdistrict=列西街道 estate=翁墩新村 building=12
12幢305室翁墩新村 => estate=翁墩新村 building=12 room=305
2单元101东安新村3栋 => estate=东安新村 building=3 unit=2 room=101
601室2单元12幢翁墩新村列西街道三明市
    => city=三明市 subdistrict=列西街道 estate=翁墩新村 building=12 unit=2 room=601
一路梅园新村1幢列东街81号列东街道
    => subdistrict=列东街道 road=列东街 number=81 estate=一路梅园新村 building=1
列东街12号，翁墩新村3幢 => road=列东街 number=12 estate=翁墩新村 building=3
三明市-梅列区-列东街-12号 => city=三明市 county=梅列区 road=列东街 number=12
"""

NAMES = """
三路社区 => community=三路社区
三路社区三路12号 => community=三路社区 road=三路 number=12
三路12号 => road=三路 number=12
江滨路80号一路新村1幢 => road=江滨路 number=80 estate=一路新村 building=1
新市北路12号 => road=新市北路 number=12
三明市中山路12号 => city=三明市 road=中山路 number=12
三明市民主路3号 => city=三明市 road=民主路 number=3
福州市鼓楼区五四路89号 => city=福州市 county=鼓楼区 road=五四路 number=89
郑州市二七区二七路12号 => city=郑州市 county=二七区 road=二七路 number=12
一号路12号 => road=一号路 number=12
花园路12号 => road=花园路 number=12
市场路3号 => road=市场路 number=3
人民公园 => place=人民公园
人民公园路12号 => road=人民公园路 number=12
中关村大街27号 => road=中关村大街 number=27
中关村南大街5号 => road=中关村南大街 number=5
西城区新街口街道新街口外大街19号 => county=西城区 subdistrict=新街口街道 road=新街口外大街 number=19
上海市黄浦区南京东路街道南京东路299号
    => province=上海市 county=黄浦区 subdistrict=南京东路街道 road=南京东路 number=299
上海南京西路12号 => province=上海市 road=南京西路 number=12
北京路12号 => road=北京路 number=12
上海市虹口区曲阳新村街道玉田路 => province=上海市 county=虹口区 subdistrict=曲阳新村街道 road=玉田路
五里街镇 => subdistrict=五里街镇
青岛市市北区台东三路12号 => city=青岛市 county=市北区 road=台东三路 number=12
济南市市中区经二路12号 => city=济南市 county=市中区 road=经二路 number=12
台州市路桥区路桥街道 => city=台州市 county=路桥区 subdistrict=路桥街道
哈尔滨市道里区中央大街 => city=哈尔滨市 county=道里区 road=中央大街
明溪县城关乡 => county=明溪县 subdistrict=城关乡
南平市政和县 => city=南平市 county=政和县
三明市沙县区凤岗街道 => city=三明市 county=沙县区 subdistrict=凤岗街道
三元区中村乡白水村 => county=三元区 subdistrict=中村乡 community=白水村
晋城市城区 => city=晋城市 county=城区
新乡市 => city=新乡市
津市市 => county=津市市
宜都市 => county=宜都市
金乡县金乡镇 => county=金乡县 subdistrict=金乡镇
成都市成华区 => city=成都市 county=成华区
内蒙古锡林郭勒盟东乌珠穆沁旗乌里雅斯太镇
    => province=内蒙古自治区 city=锡林郭勒盟 county=东乌珠穆沁旗 subdistrict=乌里雅斯太镇
凉山彝族自治州西昌市航天大道 => city=凉山彝族自治州 county=西昌市 road=航天大道
青岛经济技术开发区长江中路216号 => city=青岛市 county=经济技术开发区 road=长江中路 number=216
g319国道12号 => road=g319国道 number=12
三明市第一医院 => city=三明市 place=第一医院
梅列区政府 => place=梅列区政府
天津国际大厦 => province=天津市 place=国际大厦
"""

CITIES = """
北京市朝阳区安定路5号院13号楼2单元1501室
    => province=北京市 county=朝阳区 road=安定路 number=5 building=13 unit=2 room=1501
北京市东城区东四十条甲22号 => province=北京市 county=东城区 road=东四十条 number=甲22
北京市西城区什刹海街道帽儿胡同12号
    => province=北京市 county=西城区 subdistrict=什刹海街道 road=帽儿胡同 number=12
北京市朝阳区安慧里三区12号楼3单元401
    => province=北京市 county=朝阳区 estate=安慧里三区 building=12 unit=3 room=401
和平里3号楼5门201 => estate=和平里 building=3 unit=5 room=201
和平里12号 => road=和平里 number=12
天津市河西区尖山街道红星里5门301
    => province=天津市 county=河西区 subdistrict=尖山街道 estate=红星里 unit=5 room=301
上海市长宁区长宁路28弄5号601室
    => province=上海市 county=长宁区 road=长宁路 lane=28 number=5 room=601
上海市徐汇区天钥桥路333号腾飞大厦B座1801
    => province=上海市 county=徐汇区 road=天钥桥路 number=333 building=b room=1801 place=腾飞大厦
上海曹杨一村12号 => province=上海市 number=12 estate=曹杨一村
重庆市渝中区中山四路36号附3号 => province=重庆市 county=渝中区 road=中山四路 number=36-3
重庆市江北区观音桥步行街9号附12号2幢5-3
    => province=重庆市 county=江北区 road=观音桥步行街 number=9-12 building=2 unit=5 room=3
成都市武侯区人民南路四段27号2栋1单元5楼502号
    => city=成都市 county=武侯区 road=人民南路四段 number=27 building=2 unit=1 floor=5 room=502
广州市越秀区中山五路219号 => city=广州市 county=越秀区 road=中山五路 number=219
厦门湖里区槟榔东里25号 => city=厦门市 county=湖里区 road=槟榔东里 number=25
厦门市思明区中华街道镇海路26号
    => city=厦门市 county=思明区 subdistrict=中华街道 road=镇海路 number=26
福州鼓楼区安泰街道吉庇巷9弄3号
    => city=福州市 county=鼓楼区 subdistrict=安泰街道 road=吉庇巷 lane=9 number=3
西安市雁塔区长安南路86号 => city=西安市 county=雁塔区 road=长安南路 number=86
香港特别行政区中西区皇后大道中99号
    => province=香港特别行政区 county=中西区 road=皇后大道中 number=99
中山路二段3巷5弄10號2樓之1 => road=中山路二段 lane=3-5 number=10 floor=2 room=1
臺北市大安區和平東路二段76巷4號5樓
    => city=台北市 county=大安区 road=和平东路二段 lane=76 number=4 floor=5
臺北市大安區大安里和平東路二段10號
    => city=台北市 county=大安区 community=大安里 road=和平东路二段 number=10
臺北市大安區大安里5鄰和平東路一段10號
    => city=台北市 county=大安区 community=大安里 road=和平东路一段 number=10 noise=5邻
臺中市北區三民路三段129號 => city=台中市 county=北区 road=三民路三段 number=129
台中市西屯區臺灣大道三段99號 => city=台中市 county=西屯区 road=台湾大道三段 number=99
臺南市東區大學路1號 => city=台南市 county=东区 road=大学路 number=1
"""

NOISE = """
翁墩新村12幢附近 => estate=翁墩新村 building=12 noise=附近
列东街12号对面的超市 => road=列东街 number=12 noise=对面的超市
列东小学旁边 => place=列东小学 noise=旁边
三明医学院对面翁墩新村12幢 => estate=翁墩新村 building=12 noise=三明医学院对面
列东街道三明医学院对面翁墩新村12幢
    => subdistrict=列东街道 estate=翁墩新村 building=12 noise=三明医学院对面
三明市第二医院门口 => city=三明市 place=第二医院 noise=门口
列东街与新市北路交叉口 => road=列东街 noise=与新市北路_交叉口
列东街12号(原水泥厂)张先生 138-0013-8000
    => road=列东街 number=12 noise=138-0013-8000_原水泥厂_张先生
翁墩新村12幢3单元402室李女士13860500000
    => estate=翁墩新村 building=12 unit=3 room=402 noise=13860500000_李女士
张三 13800138000 列东街道翁墩新村12幢
    => subdistrict=列东街道 estate=翁墩新村 building=12 noise=张三_13800138000
李四,翁墩新村12幢601 => estate=翁墩新村 building=12 room=601 noise=李四
翁墩，列东街12号 => road=列东街 number=12 place=翁墩
地址：列东街12号 电话：0598-8223456 => road=列东街 number=12 noise=0598-8223456_电话
0598-8223456列东街12号 => road=列东街 number=12 noise=0598-8223456
365000福建省三明市列东街12号 => province=福建省 city=三明市 road=列东街 number=12 noise=365000
万达广场3号门 => place=万达广场 noise=3号门
🏠列东街12号 => road=列东街 number=12
"""

LATIN = """
12 Main Street => road=main_street number=12
Main Street 12a => road=main_street number=12a
12-14 High St. => road=high_street number=12-14
Hauptstrasse 5, 9490 Vaduz => city=vaduz road=hauptstrasse number=5
Hauptstr. 5 9490 Vaduz => city=vaduz road=hauptstrasse number=5
Landstraße 12 => road=landstrasse number=12
Landstrasse => road=landstrasse
Gapetschstrasse 87 Schaan => city=schaan road=gapetschstrasse number=87
12 Main St Springfield => city=springfield road=main_street number=12
12 Main St. Springfield IL 62704 => province=il city=springfield road=main_street number=12
landstr. 12 Vaduz => city=vaduz road=landstrasse number=12
Landstr Vaduz 12 => city=vaduz road=landstrasse number=12
Landstr. Vaduz => city=vaduz road=landstrasse
Städtle 43 Vaduz => city=vaduz road=stadtle number=43
4 St. Martins Road Vaduz => city=vaduz road=st_martins_road number=4
Strasse des 17. Juni 5 Berlin => city=berlin road=strasse_des_17_juni number=5
12 Main St Springfield, IL => province=il city=springfield road=main_street number=12
Park Lane South 5, London => city=london road=park_lane_south number=5
Park Lane South 5, 9490 Vaduz => city=vaduz road=park_lane_south number=5
Rue St. Martin 5 => road=rue_st_martin number=5
Market Square => road=market_square
12 High Street Place => road=high_street_place number=12
Im Städtle 32, FL-9490 Vaduz => city=vaduz road=im_stadtle number=32
Vaduz => place=vaduz
Landesmuseum, Städtle 43, Vaduz => city=vaduz road=stadtle number=43 place=landesmuseum
Room 305, Building 3, No. 12 Liedong Street, Sanming, Fujian
    => province=fujian city=sanming road=liedong_street number=12 building=3 room=305
"""


def _cases(*tables: str) -> list[tuple[str, Address]]:
    lines = "".join(tables).replace("\n    ", " ").split("\n")
    cases = []
    for text, _, said in (line.partition(" => ") for line in lines if line):
        parts = dict(part.split("=") for part in said.split())
        cases.append((text, Address(**{k: v.replace("_", " ") for k, v in parts.items()})))
    return cases


@pytest.mark.parametrize(("text", "parts"), _cases(WHOLE, NUMBERS, BUILDINGS, ORDER))
def test_parts_are_found(text: str, parts: Address) -> None:
    assert parse_address(text) == parts


@pytest.mark.parametrize(("text", "parts"), _cases(NAMES, CITIES))
def test_names_of_other_places_are_found(text: str, parts: Address) -> None:
    assert parse_address(text) == parts


@pytest.mark.parametrize(("text", "parts"), _cases(NOISE))
def test_remarks_are_noise(text: str, parts: Address) -> None:
    assert parse_address(text) == parts


@pytest.mark.parametrize(("text", "parts"), _cases(LATIN))
def test_latin_addresses_are_read(text: str, parts: Address) -> None:
    assert parse_address(text) == parts


WRITINGS = [
    "列西街道翁墩新村48幢2单元601室",
    "列西街道翁墩新村４８幢２单元６０１室",
    "列西街道翁墩新村四十八幢二单元六〇一室",
    "列西街道翁墩新村48栋2单元601",
    "列西街道翁墩新村48号楼2单元601",
    "列西街道翁墩新村48#2单元601",
    "列西街道翁墩新村48座2-601",
    "列西街道翁墩新村48-2-601",
    "列西街道 翁墩新村 48 幢 2 单元 601 室",
    "列西街道翁墩新村48幢-2单元-601",
    "列西街道办事处翁墩新村第48幢第2单元601",
    "翁墩新村48幢2单元601室，列西街道",
    "601室2单元48幢翁墩新村列西街道",
    "列西街道（翁墩新村）48幢2单元601",
]


@pytest.mark.parametrize("text", WRITINGS)
def test_all_writings_of_one_address_have_the_same_parts(text: str) -> None:
    assert parse_address(text) == parse_address(WRITINGS[0])


def test_traditional_characters_are_read_as_simplified() -> None:
    assert parse_address("徐碧街道東新四路１６號３樓") == parse_address("徐碧街道东新四路16号3楼")


def test_a_long_text_is_refused_and_the_longest_is_read() -> None:
    assert parse_address("路" * LONGEST_ADDRESS).road == "路" * LONGEST_ADDRESS
    with pytest.raises(InputError, match="at most 500 characters, this one has 501"):
        parse_address("路" * (LONGEST_ADDRESS + 1))


def test_an_empty_text_has_no_parts() -> None:
    assert parse_address("") == parse_address(" \u200b\n") == Address()


_WORDS = (
    *NAMED,
    *COUNTED,
    *"0123456789-/之附第甲a#(),. 一二十百〇",
    "三明",
    "翁墩",
    "附近",
    "先生",
)
_ADDRESS_LIKE = st.lists(st.sampled_from(_WORDS), max_size=40).map("".join)


@given(st.one_of(_ADDRESS_LIKE, st.text(max_size=LONGEST_ADDRESS)))
def test_every_text_has_one_reading(text: str) -> None:
    parts = parse_address(text)
    assert parts == parse_address(text)
    assert all(isinstance(part, str) for part in parts)


@given(_ADDRESS_LIKE, st.lists(st.sampled_from(["1号", "2幢3", "12-305", "号", ""]), min_size=2))
def test_what_is_remembered_does_not_change_a_reading(head: str, tails: list[str]) -> None:
    texts = [f"{head}{tail}"[:LONGEST_ADDRESS] for tail in tails]
    warm = [parse_address(text) for text in texts]
    tokens._cut_remembered.cache_clear()
    address._read_head.cache_clear()
    assert [parse_address(text) for text in reversed(texts)] == warm[::-1]


@given(
    st.sampled_from(["列东街", "新市北路", "东新一路", "江滨西路", "崇宁路"]),
    st.integers(1, 999),
    st.sampled_from(["锦绣新村", "东方家属院", "明珠花园", "水岸名城"]),
    st.integers(1, 199),
    st.integers(1, 9),
    st.integers(101, 3204),
)
def test_a_composed_address_falls_into_what_it_was_composed_of(
    road: str, number: int, estate: str, building: int, unit: int, room: int
) -> None:
    text = f"{road}{number}号{estate}{building}幢{unit}单元{room}室"
    figures = {"number": number, "building": building, "unit": unit, "room": room}
    said = {part: str(value) for part, value in figures.items()}
    assert parse_address(text) == Address(road=road, estate=estate, **said)
