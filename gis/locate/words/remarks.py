"""What in a written address is a remark and no part of it?

Telephone numbers with the name before them, contacts, brackets, and words of nearness: 列东街12号
对面 is not 列东街12号, so the word is kept in the noise, where it tells that the address is near.
"""

from __future__ import annotations

import re

from gis.locate.words.suffixes import COUNTED_CHARACTERS, NAMED

# The most frequent surnames of the census of 2020, which make up more than four fifths of all.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤"
)
_NEAR_WORDS = (
    "斜对面 正对面 斜对过 斜对门 对面 对过 对门 附近 旁边 旁 隔壁 周边 周围 一带 后面 前面 背后 "
    "后边 前边 边上 左边 右边 东边 西边 南边 北边 左侧 右侧 东侧 西侧 南侧 北侧 "
    "往东 往西 往南 往北 往前 往后 向东 向西 向南 向北 再过去 再往 不远 之间 中间 "
    "附进 东面 西面 南面 北面 侧面 一侧 那边 往里 左近 周遭 "
    "交叉口 交汇处 交界处"
)
NEARNESS = tuple(_NEAR_WORDS.split())
"""Words in the noise of an Address that say: near it, not there."""

_DOUBT = re.compile(
    "大概|大约|可能|好像|也许|左右|倒数|不清楚|不知道|不确定|不详|还是|或者?(?=[0-9a-z一-鿿]|$)|不是|[从由].?数"
)
_OUTSIDE = ("前", "后", "后山", "山上", "停车场", "车棚", "空地", "操场", "草坪", "绿化带", "河边")
_AT_THE_DOOR = ("门口", "门前", "楼下", "楼上")
_CORNER = "(?<=[路街巷道])口(?=$|[,的附旁对])"
_TITLES = ("先生", "女士", "小姐", "师傅", "同志")
_LABELS = (
    "联系电话", "联系方式", "电话", "手机", "联系人", "收件人", "收货人", "业主", "住户", "姓名",
    "报告人", "反映人", "地址", "住址", "地点",
)  # fmt: skip
_SIGNS = re.compile(r"[()*+&=@%$^<>]|(?<![0-9])[./]|[./](?![0-9])")
_HINTS = (*NEARNESS, *_AT_THE_DOOR, *_TITLES, *_LABELS, "路口", "街口", "巷口", "道口")

_SUSPECT = re.compile("|".join(re.escape(hint) for hint in (*"(),./*+&=@%$^<> ", *_HINTS)))
_NEAR = re.compile("|".join((*NEARNESS, *_AT_THE_DOOR, _CORNER)))
_PHONE = re.compile(
    r"(?<![0-9])(?:\+?86-?)?1[3-9][0-9](?:[- ]?[0-9]{4}){2}(?![0-9])"
    r"|(?<![0-9])0[0-9]{2,3}[- ][0-9]{7,8}(?![0-9])"
)
_CONTACT = re.compile(
    rf"(?:{'|'.join(_LABELS[:-3])})[,是为]*(?:[一-鿿]{{2,4}}(?=[,0-9 ]|$))?,?(?=[0-9,( ]|$)"
)
_TITLED = re.compile(
    rf"(?:^|(?<=[, 0-9室房户元号幢栋]))[{''.join(_SURNAMES)}][一-鿿]{{0,2}}(?:{'|'.join(_TITLES)})"
)
_BRACKETS = re.compile(r"\(([^()]{0,80})\)")
_LABEL = re.compile(r"^(?:收货|联系|详细|家庭|办公|现|居住|事发)?(?:地址|住址|地点)[,是为]*")
_DIVISION = re.compile(r".*(?:[省市县镇乡]|街道|社区|(?<![校院厂园小住])区)")
_REMARK = frozenset("近原旁对曾靠即又后前附侧")


def split_remarks(text: str) -> tuple[str, str]:
    """Return an address without remarks, and the remarks.

    Parameters
    ----------
    text
        A text in the normal form of characters.

    Examples
    --------
    >>> split_remarks("列东街12号(原水泥厂),张先生13800138000")
    ('列东街12号', '13800138000 原水泥厂 张先生')
    >>> split_remarks("翁墩新村(北区)12幢附近")
    ('翁墩新村北区12幢', '附近')
    """
    if _SUSPECT.search(text) is None:
        return text, ""
    noise: list[str] = []
    text = _cut_out(_PHONE, text, noise)
    text = _BRACKETS.sub(lambda found: _open_bracket(found[1], noise), text)
    text = _cut_out(_TITLED, _cut_out(_CONTACT, text, noise), noise)
    text = _LABEL.sub("", _SIGNS.sub(",", text).strip(",. "))
    text = _cut_nearness(text, noise)
    return text.strip(",. "), " ".join(filter(None, noise))


def is_person(name: str) -> bool:
    """Whether a name may be a person's: two or three characters, a frequent surname first."""
    return 2 <= len(name) <= 3 and name[0] in _SURNAMES


def tell_doubt(remark: str) -> str:
    """Say why a remark leaves open which building is meant; nothing if it does not.

    Parameters
    ----------
    remark
        The noise of an address, or a name that no book knows.

    Examples
    --------
    >>> tell_doubt("13800138000 对面的超市"), tell_doubt("小学旁 张先生"), tell_doubt("倒数")
    ('only near it', '', 'only a guess')
    """
    for piece in remark.split():
        # What ends with such a word stood before the address: 小学旁翁墩新村12幢 is the address.
        if piece.startswith((*NEARNESS, *_AT_THE_DOOR)) and any(word in piece for word in NEARNESS):
            return "only near it"
        if piece in _OUTSIDE:
            return "only near it"
    return "only a guess" if _DOUBT.search(remark) else ""


def _cut_out(pattern: re.Pattern[str], text: str, noise: list[str]) -> str:
    noise += [found.strip(", ") for found in pattern.findall(text)]
    return pattern.sub(",", text)


def _open_bracket(inner: str, noise: list[str]) -> str:
    # 翁墩新村(北区)12幢 goes on with what stands in brackets, 列东街12号(原水泥厂) does not.
    is_part = inner[-1:] in NAMED or inner[-2:] in NAMED or inner[-1:] in COUNTED_CHARACTERS
    if inner and is_part and not _REMARK.intersection(inner):
        return inner
    noise.append(inner)
    return ","


def _cut_nearness(text: str, noise: list[str]) -> str:
    # 列东街12号对面的超市 is near number 12; in 列西街道学校对面翁墩新村12幢 the address itself
    # follows, in the same area.
    found = _NEAR.search(text)
    if found is None:
        return text
    before, after = text[: found.start()], text[found.end() :]
    if _has_number(after) and not _has_number(before):
        division = _DIVISION.match(before)
        start = division.end() if division else 0
        noise.append(text[start : found.end()])
        return text[:start] + after
    noise.append(text[found.start() :])
    return before


def _has_number(text: str) -> bool:
    return any(sign in text for sign in "0123456789幢栋号")
