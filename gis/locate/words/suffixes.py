"""Which words close a part of an address, and of which part do they tell?

The words are those of the national standards for addresses of digital cities (GB/T 23705:
division, road, number, estate, building, unit, room) and for name signs of places (GB 17733: 路 街
巷 弄 里 条 胡同), of the forms of names of self-governing bodies (居委会, 村委会), and of common
use in Fujian, Shanghai, Beijing, Chongqing, Hong Kong and Taiwan. They are general words; no name
of any place stands here.

A named word closes a name (翁墩 + 新村), a counted one follows a number (12 + 幢).
"""

from __future__ import annotations

from enum import IntEnum


class Part(IntEnum):
    """The positions of the parts in an Address."""

    PROVINCE = 0
    CITY = 1
    COUNTY = 2
    SUBDISTRICT = 3
    COMMUNITY = 4
    ROAD = 5
    LANE = 6
    NUMBER = 7
    ESTATE = 8
    BUILDING = 9
    UNIT = 10
    FLOOR = 11
    ROOM = 12
    PLACE = 13
    NOISE = 14


_DIVISIONS = {
    Part.PROVINCE: "省 自治区 特别行政区",
    Part.CITY: "市 自治州 地区 盟",
    Part.COUNTY: "区 县 自治县 自治旗 旗 林区 特区",
    Part.SUBDISTRICT: "街道办事处 街道办 街道 办事处 镇 乡 苏木",
    Part.COMMUNITY: (
        "社区居民委员会 社区居委会 社区 居民委员会 居委会 居委 "
        "村民委员会 村委会 村委 行政村 嘎查 村"
    ),
}
_ROADS = "大街 大道 大路 街 路 道 巷 弄 胡同 公路 国道 省道 县道 支路 支弄"
_ESTATES = (
    "新村 小区 花园 家属院 家属区 家属楼 公寓 家园 花苑 雅苑 名苑 嘉苑 名城 新城 花城 公馆 华庭 "
    "豪庭 名庭 华府 府邸 官邸 山庄 别墅 宿舍 宿舍区 大院 新苑 佳园 嘉园 名园 豪园 丽园 景园 "
    "雅园 学府 世家 豪苑 住宅区 生活区 安置房 安置区 自然村 组团 校区 院区 厂区 工业区 工业园 "
    "工业园区 产业园 科技园 园区 小镇"
)
_PLACES = (
    "学校 小学 中学 大学 学院 幼儿园 医院 卫生院 卫生所 卫生站 服务中心 诊所 门诊部 超市 市场 "
    "农贸市场 菜市场 公园 广场 大厦 大楼 商厦 商场 购物中心 商城 酒店 宾馆 饭店 饭馆 旅馆 旅社 "
    "招待所 银行 派出所 公安局 法院 检察院 市政府 区政府 县政府 镇政府 政府 市医院 县医院 "
    "区医院 办公楼 写字楼 综合楼 教学楼 宿舍楼 商业楼 火车站 汽车站 客运站 车站 地铁站 加油站 "
    "公司 工厂 图书馆 博物馆 体育馆 体育场 文化馆 电影院 影院 剧院 中心 药店 邮局 餐馆 餐厅 "
    "商店 便利店 停车场 大桥 码头 机场 老人院 养老院 敬老院 福利院 度假村"
)

# Short words that occur inside many names; they close one only before a number or at an end.
_SHORT_ESTATES = "里 苑 园 城 庭 湾 府 居 郡 墅 邸 轩 阁 坊 院"
_SHORT_PLACES = "厂 站 店 馆 局 所 寺 庙 桥"

# Roads of Guangdong and Hong Kong may be divided by a side at their end (皇后大道中, 德辅道西).
_SIDED_ROADS = "大道东 大道西 大道南 大道北 大道中 道东 道西 道中"

_COUNTED = {
    Part.NUMBER: "号院 号",
    Part.BUILDING: "号楼 #楼 # 幢楼 幢 栋楼 栋 座",
    Part.UNIT: "单元 门 梯",
    Part.FLOOR: "楼 层",
    Part.ROOM: "号房 号室 室 房 户",
    Part.LANE: "巷 弄 胡同 支弄",
    Part.ROAD: "大街 大道 大路 街 路 条 段 支路",
    Part.ESTATE: "期 区 组 队 村 里",
    Part.NOISE: "邻 号门 号口",
}

NAMED = {
    word: part
    for part, words in (
        *_DIVISIONS.items(),
        (Part.ROAD, f"{_ROADS} {_SIDED_ROADS}"),
        (Part.ESTATE, f"{_ESTATES} {_SHORT_ESTATES}"),
        (Part.PLACE, f"{_PLACES} {_SHORT_PLACES}"),
    )
    for word in words.split()
}
"""The part of which a word tells."""

COUNTED = {word: part for part, words in _COUNTED.items() for word in words.split()}
"""The part that a word counts when it follows a number."""

COUNTED_CHARACTERS = "".join(sorted({character for word in COUNTED for character in word}))
AT_AN_END = frozenset(f"{_SHORT_ESTATES} {_SHORT_PLACES} {_SIDED_ROADS}".split())
"""Words that close a name only before a number or at an end."""

OFFICIAL = {
    **dict.fromkeys(("街道办事处", "街道办", "办事处"), "街道"),
    **dict.fromkeys(("社区居民委员会", "社区居委会", "居民委员会", "居委会", "居委"), "社区"),
    **dict.fromkeys(("村民委员会", "村委会", "村委", "行政村"), "村"),
}
"""The suffix of the standard name, where another one is usual."""

NOT_BEFORE = {
    "省": "立医|委|道|府|直",
    "市": "场|政府|政协|政务|民广|民中|委|立医|中区|中心|中医",
    "县": "区|政府|医院|委|道[0-9]",
    "区": "政府|医院|委|间|域",
    "镇": "江市|海区|远县|平县|政府",
    "乡": "政府|间",
    "村": "民委|民小组|口|部|道",
    "街": "道|口|坊",
    "路": "口|边",
    "道": "路|观",
    "巷": "口",
    "号": "线|桥|码|路(?![口边])|街(?![口边])",
    "房": "屋|子|山|东",
    "座": "山",
    "组": "团",
    "队": "伍",
    "段": "村|家",
    "户": "县|外",
    "层": "次",
    "门": "[一-鿿]",
    "梯": "[一-鿿]",
}
"""What must not follow a word, as patterns: the word would be the beginning of another one."""
