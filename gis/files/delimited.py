"""What rows does a CSV file hold?

Read line by line, so that memory does not grow with the file and every bad row is known by its
number. UTF-8 with or without mark, UTF-16 with mark, GB18030; plain or gzip; comma, semicolon, tab
or bar.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import IO

from gis.errors import InputError, InputTooLarge
from gis.files.encodings import guess_encoding, parse_encoding
from gis.files.limits import check_file
from gis.files.records import Chunk, PlainRecords, Record, Rejected, Table

MAX_TABLE_BYTES = 4_000_000_000
MAX_LINE_CHARACTERS = 1_000_000
MAX_COLUMNS = 1_000
_BLOCK = 1 << 20
_DELIMITERS = ",;\t|"


def read_delimited(path: Path, *, encoding: str | None, chunk_rows: int) -> Table:
    """Read the headings of a CSV file and prepare to read its rows.

    Raises
    ------
    InputError
        The file is damaged, has no headings, or its text is in another encoding.
    InputTooLarge
        It, or one of its lines, is too long.
    """
    check_file(path, max_bytes=MAX_TABLE_BYTES)
    with _damage(path.name):
        chosen = parse_encoding(encoding) if encoding else guess_encoding(_blocks(path))
        with _open_text(path, chosen) as stream:
            first = next(_Lines(stream, path.name), "")
    delimiter = "\t" if path.name.lower().endswith((".tsv", ".tsv.gz")) else choose_delimiter(first)
    headings = next(csv.reader([first], delimiter=delimiter), [])
    headings = check_headings(headings, file=path.name)
    notes = [] if encoding else [f"{path.name} was read as {chosen}"]
    chunks = _chunks(path, chosen, delimiter, headings, chunk_rows)
    return Table(headings, chunks, notes=notes)


def check_headings(cells: Sequence[str], *, file: str) -> list[str]:
    """Return headings without spaces around them; refuse none, too many, or the same one twice."""
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise InputError(f"{file} has no headings in its first row; add them", file=file)
    if len(headings) > MAX_COLUMNS:
        raise InputTooLarge(f"{file} has {len(headings):,} columns; at most {MAX_COLUMNS} are read")
    twice = sorted({name for name in headings if name and headings.count(name) > 1})
    if twice:
        raise InputError(f"{file} has the heading {twice[0]!r} twice; rename one", file=file)
    return headings


def _chunks(
    path: Path, encoding: str, delimiter: str, headings: Sequence[str], chunk_rows: int
) -> Iterator[Chunk]:
    with _damage(path.name), _open_text(path, encoding) as stream:
        lines = _Lines(stream, path.name)
        reader = csv.reader(lines, delimiter=delimiter)
        next(reader, None)
        number = 1
        while batch := list(islice(lines, chunk_rows)):
            cells = _split(batch, delimiter, len(headings))
            if cells is not None:
                numbers = range(number + 1, number + 1 + len(batch))
                chunk = Chunk(numbers, PlainRecords(cells, width=len(headings)))
                number += len(batch)
            else:
                lines.put_back(batch)
                number, chunk = _read_carefully(reader, lines, number, headings)
            yield chunk


def _split(batch: Sequence[str], delimiter: str, width: int) -> list[str] | None:
    """Return all cells of lines that need no care: no quote, no NUL, as many cells as headings.

    Most lines are such, and splitting them at once is five times as quick as reading them.
    """
    text = "".join(batch)
    if '"' in text or "\x00" in text or width < 2:
        return None
    if set(map(methodcaller("count", delimiter), batch)) != {width - 1}:
        return None
    text = text.replace("\r\n", "\n").removesuffix("\n")
    return None if "\r" in text else text.replace("\n", delimiter).split(delimiter)


def _read_carefully(
    reader: Iterator[list[str]], lines: _Lines, number: int, headings: Sequence[str]
) -> tuple[int, Chunk]:
    """Read the records that begin in the lines that were put back."""
    numbers, records, bad = [], [], []
    for record in reader:
        number += 1
        if len(record) != len(headings) or lines.nul:
            reason = lines.take_reason() or _misfit(record, headings)
            if reason:
                bad.append(Rejected(number, reason, record))
            if not reason and record:
                numbers.append(number)
                records.append(_fit(record, len(headings)))
        else:
            numbers.append(number)
            records.append(record)
        if not lines.has_put_back:
            break
    return number, Chunk(numbers, records, bad)


class _Lines:
    """Lines of bounded length that remember whether one of them held a NUL."""

    def __init__(self, stream: IO[str], file: str) -> None:
        self._read = stream.readline
        self._file = file
        self._put_back: list[str] = []
        self.nul = False

    @property
    def has_put_back(self) -> bool:
        """Whether lines that were put back are still to come."""
        return bool(self._put_back)

    def put_back(self, lines: Sequence[str]) -> None:
        """Let these lines come once more, before all others."""
        self._put_back = list(reversed(lines))
        self.nul = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._put_back.pop() if self._put_back else self._read(MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        if len(line) == MAX_LINE_CHARACTERS:
            raise _endless(self._file)
        if "\x00" in line:
            self.nul = True
        return line

    def take_reason(self) -> str:
        """Say that the record holds a NUL, if it does, and forget it."""
        if not self.nul:
            return ""
        self.nul = False
        return "holds a NUL character"


def _endless(file: str) -> InputTooLarge:
    return InputTooLarge(
        f"{file} has a line of more than {MAX_LINE_CHARACTERS:,} characters; "
        "it is no table, or a quote is not closed",
        file=file,
    )


def _misfit(record: Record, headings: Sequence[str]) -> str:
    if len(record) > len(headings) and any(record[len(headings) :]):
        return f"has {len(record)} cells under {len(headings)} headings"
    return ""


def _fit(record: Record, width: int) -> Record:
    return [*record[:width], *[""] * (width - len(record))]


def choose_delimiter(line: str) -> str:
    """Return the mark that divides the cells of a line of headings."""
    bare = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _blocks(path: Path) -> Iterator[bytes]:
    total = 0
    with _open_bytes(path) as stream:
        while block := stream.read(_BLOCK):
            total += len(block)
            if total > MAX_TABLE_BYTES:
                raise InputTooLarge(
                    f"{path.name} expands to more than {MAX_TABLE_BYTES:,} bytes; divide it"
                )
            if len(block) == _BLOCK and b"\n" not in block and b"\r" not in block:
                raise _endless(path.name)
            yield block


@contextmanager
def _open_text(path: Path, encoding: str) -> Iterator[IO[str]]:
    with _open_bytes(path) as raw:
        yield io.TextIOWrapper(raw, encoding=encoding, newline="")


def _open_bytes(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


@contextmanager
def _damage(file: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file} is not {error.encoding} at {error.object[error.start : error.start + 8]!r}; "
            "name the right encoding with --encoding (utf-8, gb18030 or big5)",
            file=file,
        ) from None
    except UnicodeError as error:
        raise InputError(
            f"{file} cannot be read in this encoding ({error}); name the right one with --encoding",
            file=file,
        ) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{file} is a damaged gzip file ({error}); copy it again") from None
    except csv.Error as error:
        raise InputError(f"{file}: a quote is not closed ({error}); export it again") from None
