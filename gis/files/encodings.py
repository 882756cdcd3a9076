"""In which encoding is a text?

Chinese files are UTF-8 or GB18030 (which includes GBK and GB2312); Big5 cannot be told from
GB18030 and has to be named.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from gis.errors import InputError

CHINESE = "gb18030"
# Codecs that serve names and source code, and are no encoding of files.
_NOT_OF_FILES = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_encoding(name: str) -> str:
    """Return the canonical name of an encoding.

    Examples
    --------
    >>> parse_encoding("UTF8"), parse_encoding("GBK"), parse_encoding("936")
    ('utf-8', 'gb18030', 'gb18030')
    """
    text = name.strip().lower()
    text = {"65001": "utf-8", "936": "gbk", "950": "big5", "ansi 936": "gbk"}.get(text, text)
    try:
        found = codecs.lookup(text).name
        "".encode(found)  # base64 and its like are codecs, but not of text
    except (LookupError, ValueError):
        found = ""
    if not found or found.replace("_", "-") in _NOT_OF_FILES:
        raise InputError(
            f"{name[:40]!r} is no encoding that is known here; use utf-8, gb18030 or big5"
        )
    return CHINESE if found in ("gbk", "gb2312", "gb18030") else found


def guess_encoding(samples: Iterable[bytes]) -> str:
    """Tell UTF-8 (with or without mark), UTF-16 with mark, or GB18030.

    Examples
    --------
    >>> guess_encoding(["网格".encode()]), guess_encoding(["网格".encode("gbk")])
    ('utf-8', 'gb18030')
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for sample in samples:
            if first:
                for mark, encoding in _MARKS:
                    if sample.startswith(mark):
                        return encoding
                first = False
            decoder.decode(sample)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return CHINESE
    return "utf-8"
