"""Which known names may a written name mean?

The names of one part (all roads, all estates) are numbered from 1; 0 is no name. A written name is
read, in this order, as a known name, as another name of one (an alias with its dates), as one with
another ending or with none (``翁墩`` for 翁墩社区), and last as one with a single mistake: a
character that is wrong, left out, too many, or swapped with its neighbour. Names that differ by one
deletion share a shorter form, so a table of these forms finds all neighbours without comparing.

A mistake is never seen in what tells names apart: 东新三路 is no misspelt 东新五路, 江滨北路 and
新江滨路 are none of 江滨路, and 永安市 is none of 永安路.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from gis.locate.book.reasons import Verdict
from gis.locate.standard_address import Alias
from gis.locate.words.characters import normal_form
from gis.locate.words.suffixes import NAMED, Part

ENDINGS: dict[str, tuple[str, ...]] = {
    "province": ("自治区", "特别行政区", "省", "市"),
    "city": ("自治州", "地区", "盟", "市"),
    "county": ("自治县", "区", "县", "市", "旗"),
    "subdistrict": ("街道办事处", "街道办", "街道", "镇", "乡"),
    "community": ("社区居委会", "社区", "居委会", "村委会", "村"),
    "road": ("大道", "大街", "路", "街", "道"),
    "estate": ("家属院", "新村", "小区", "花园", "名城", "公馆", "华庭", "公寓", "大厦", "苑"),
    "place": (),
}  # fmt: skip
_OTHER_ENDING = {"county", "subdistrict", "community", "road"}
_NUMERALS = frozenset("零一二三四五六七八九十百0123456789")
_SIDES = frozenset("东西南北中上下前后左右内外")
_SIZES = frozenset("大中小新老高")
_KINDS = tuple(sorted((w for w, part in NAMED.items() if part == Part.PLACE), key=len)[::-1])
ENDS = frozenset("省市区县旗镇乡村路街道巷弄里")
_SHORTEST_WITH_MISTAKE = 3


class Reading(NamedTuple):
    """One known name that a written name may mean."""

    number: int
    verdict: Verdict
    note: str


class Numbered(dict[str, int]):
    """A table that numbers strings as they are first seen; the empty one is 0."""

    def __init__(self) -> None:
        super().__init__()
        self[""] = 0
        self.labels = [""]

    def __missing__(self, text: str) -> int:
        key = fold(text)
        number = self.get(key)
        if number is None:
            number = len(self.labels)
            self.labels.append(text)
            self[key] = number
        self[text] = number
        return number

    def __reduce__(self) -> tuple[Callable[..., Numbered], tuple[dict[str, int], list[str]]]:
        return _renumber, (dict(self), self.labels)


def _renumber(numbers: dict[str, int], labels: list[str]) -> Numbered:
    table = Numbered()
    table.update(numbers)
    table.labels = labels
    return table


def fold(text: str) -> str:
    """Return the form in which names are compared: the normal form without blanks.

    Examples
    --------
    >>> fold("Im alten Riet"), fold("列东街")
    ('imaltenriet', '列东街')
    """
    return normal_form(text).replace(" ", "")


class Names:
    """The known names of one part, with their aliases.

    Parameters
    ----------
    part
        A field of an address; it tells which endings may be left out.
    table
        The names with their numbers; not changed afterwards.
    aliases
        Other names; those of names that are not in the table are left out.
    """

    def __init__(self, part: str, table: Numbered, aliases: Iterable[Alias]) -> None:
        self.part = part
        self._table = table
        self.labels = table.labels
        endings = ENDINGS.get(part, ())
        self._stems = _group((cut_ending(n, endings), k) for k, n in _numbered(self.labels))
        self._aliases: dict[str, list[tuple[int, Alias]]] = {}
        self._alias_stems: dict[str, str] = {}
        for alias in aliases:
            self._add_alias(alias)
        self._near = _group(
            (form, k)
            for k, name in _numbered(self.labels)
            if len(name) >= _SHORTEST_WITH_MISTAKE
            for form in {name, *shorten(name)}
        )
        self._longest = max(map(len, self._near), default=0) + 1

    def __len__(self) -> int:
        return len(self.labels) - 1

    def _add_alias(self, alias: Alias) -> None:
        for other, name in ((alias.alias, alias.name), (alias.name, alias.alias)):
            number = self._table.get(name) or self._table.get(fold(name))
            if number:
                self._aliases.setdefault(fold(other), []).append((number, alias))
                stem = cut_ending(fold(other), ENDINGS.get(self.part, ()))
                self._alias_stems.setdefault(stem, fold(other))

    def find(self, name: str) -> int:
        """Return the number of exactly this name, or 0."""
        return self._table.get(name) or self._table.get(fold(name)) or 0

    def list_known(self) -> Iterable[str]:
        """Return all written forms that are read without a mistake, in folded form."""
        yield from (name for _, name in _numbered(self.labels))
        yield from self._aliases
        endings = ENDINGS.get(self.part, ())
        for stem in self._stems:
            if self.part in _OTHER_ENDING:
                yield from (f"{stem}{ending}" for ending in endings)

    def list_forms(self) -> Iterable[str]:
        """Return the names and their shortened forms."""
        return self._near

    def find_near(self, forms: Iterable[str]) -> list[str]:
        """Return the names, folded, that share a form with a name and its shortened forms."""
        near: set[int] = set()
        for form in forms:
            near.update(self._near.get(form, ()))
        return [fold(self.labels[k]) for k in sorted(near)]

    def read(self, name: str, at: date | None = None) -> tuple[Reading, ...]:
        """Return what a written name may mean; the surest kind of reading only."""
        if not name:
            return ()
        number = self.find(name)
        aliases = self._aliases.get(fold(name)) if self._aliases else None
        if number:
            exact = Reading(number, "matched", "as in the address book")
            if not aliases:
                return (exact,)
            return exact, *_read_aliases(aliases, at, self.labels, only_in_force=True)
        if aliases:
            return _read_aliases(aliases, at, self.labels, only_in_force=False)
        return self._read_ending(name, at) or self._read_mistake(name)

    def is_stem(self, name: str) -> bool:
        """Tell whether this is a known name, or another one, of which the ending is left out."""
        return name in self._stems or name in self._alias_stems

    def _read_ending(self, name: str, at: date | None) -> tuple[Reading, ...]:
        name = fold(name)
        stem = cut_ending(name, ENDINGS.get(self.part, ()))
        if stem == name:
            full = tuple(
                Reading(k, "matched", say_left_out(self.labels[k]))
                for k in self._stems.get(name, ())
            )
            other = self._aliases.get(self._alias_stems.get(name, ""), [])
            return full or _read_aliases(other, at, self.labels, only_in_force=False)
        if self.part not in _OTHER_ENDING:
            return ()
        return tuple(
            Reading(k, "alias", f"{self.labels[k]} with another ending")
            for k in self._stems.get(stem, ())
        )

    def _read_mistake(self, name: str) -> tuple[Reading, ...]:
        name = fold(name)
        if not _SHORTEST_WITH_MISTAKE - 1 <= len(name) <= self._longest:
            return ()
        return tuple(
            Reading(self.find(near), "typo", f"{note}, taken for {near}")
            for near in self.find_near((name, *shorten(name)))
            if (note := name_mistake(name, near))
        )


def _numbered(labels: list[str]) -> Iterable[tuple[int, str]]:
    return ((k, fold(name)) for k, name in enumerate(labels) if k)


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for key, number in pairs:
        before = found.get(key)
        found[key] = (number,) if before is None else (*before, number)
    return found


def cut_ending(name: str, endings: tuple[str, ...]) -> str:
    """Return the name without its ending; at least two characters stay.

    Examples
    --------
    >>> cut_ending("翁墩社区", ENDINGS["community"]), cut_ending("社区", ENDINGS["community"])
    ('翁墩', '社区')
    """
    for ending in endings:
        if len(name) > len(ending) + 1 and name.endswith(ending):
            return name[: -len(ending)]
    return name


def say_left_out(name: str) -> str:
    """Say of which name the ending is left out."""
    return f"the ending of {name} is left out"


def shorten(name: str) -> list[str]:
    """Return the name without each of its characters in turn."""
    return [name[:i] + name[i + 1 :] for i in range(len(name))]


def name_mistake(given: str, name: str) -> str:
    """Say which single mistake makes ``given`` out of ``name``; nothing if there is none.

    Examples
    --------
    >>> name_mistake("翁敦新村", "翁墩新村"), name_mistake("翁墩墩新村", "翁墩新村")
    ('敦 stands for 墩', '墩 is too many')
    >>> name_mistake("东新五路", "东新三路"), name_mistake("江滨北路", "江滨路")
    ('', '')
    """
    i = 0
    while i < min(len(given), len(name)) and given[i] == name[i]:
        i += 1
    if len(given) == len(name):
        return _name_replacement(given, name, i)
    if len(given) == len(name) - 1 and given[i:] == name[i + 1 :]:
        return "" if name[i] in _NUMERALS else f"{name[i]} is left out"
    if len(given) == len(name) + 1 and given[i + 1 :] == name[i:]:
        doubled = i > 0 and given[i - 1] == given[i]
        tells = given[i] in _NUMERALS or given[i] in _SIDES or i in (0, len(name))
        return f"{given[i]} is too many" if doubled or not tells else ""
    return ""


def _name_replacement(given: str, name: str, i: int) -> str:
    if i == len(name):
        return ""
    a, b = given[i], name[i]
    if given[i + 1 :] == name[i + 1 :]:
        apart = any(a in kind and b in kind for kind in (_NUMERALS, _SIDES, _SIZES))
        apart = apart or _is_other_kind(given, name)
        apart = apart or (i == len(name) - 1 and a in ENDS and b in ENDS)
        return "" if apart or a in _NUMERALS or b in _NUMERALS else f"{a} stands for {b}"
    swapped = given[i : i + 2] == name[i : i + 2][::-1] and given[i + 2 :] == name[i + 2 :]
    return f"{b} and {a} are swapped" if swapped else ""


def _is_other_kind(given: str, name: str) -> bool:
    # A hospital (医院) is no misspelt college (学院).
    kinds = [next((k for k in _KINDS if text.endswith(k)), "") for text in (given, name)]
    return all(kinds) and kinds[0] != kinds[1]


def _read_aliases(
    aliases: list[tuple[int, Alias]], at: date | None, labels: list[str], *, only_in_force: bool
) -> tuple[Reading, ...]:
    in_force = [(k, alias) for k, alias in aliases if at is not None and is_in_force(alias, at)]
    chosen = in_force or ([] if only_in_force else aliases)
    return tuple(Reading(k, "alias", _say_alias(alias, labels[k])) for k, alias in chosen)


def is_in_force(alias: Alias, at: date) -> bool:
    """Tell whether the other name was in use on a date; validity is half-open."""
    begins, ends = alias.valid_from, alias.valid_to
    return (begins is None or begins <= at) and (ends is None or at < ends)


def _say_alias(alias: Alias, label: str) -> str:
    dates: dict[str, Any] = {"from": alias.valid_from, "until": alias.valid_to}
    span = " ".join(f"{word} {day.isoformat()}" for word, day in dates.items() if day)
    return (
        f"{alias.alias} is another name of {alias.name}"
        + (f", {span}" if span else "")
        + ("" if label in (alias.alias, alias.name) else f" ({label})")
    )
