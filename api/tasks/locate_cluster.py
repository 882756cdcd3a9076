"""How are the parts of a table located on a Dask cluster?

One task a part: a worker reads it, locates it, and writes it under the same name in the output
folder. What locates is written once to a file in that folder, since workers share it anyway and a
file outlives every worker. A written part says in its metadata from which file (size and time) and
by which question it was made: a part that says the same is not made again. So a run that was
interrupted, by whatever, is finished by the same command.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from api.tasks.locate_rows import RowLocator
from api.tasks.locate_tables import MARK, TableSummary, locate_table
from api.tasks.table_sources import TableChoice, open_source
from gis.errors import InputError, Refused, Unavailable, WanggeError
from gis.files.parquet import ENDINGS, read_metadata
from gis.files.row_writers import PARTIAL

WAIT_FOR_CLUSTER_S = 15
_LOCATOR = ".wangge-locator-"


@dataclass(frozen=True, slots=True)
class Part:
    """One file to locate: what is read, what is written, and the mark that the output bears."""

    source: Path
    output: Path
    mark: str


@dataclass(frozen=True, slots=True)
class PartResult:
    """What became of one part: its summary, or why there is none."""

    name: str
    summary: TableSummary | None = None
    failure: str = ""


def list_parts(folder: Path, output: Path, question: str) -> list[Part]:
    """Return the parts of a table in a folder, the same in every run.

    Parameters
    ----------
    question
        A digest of all that the answers depend on.

    Raises
    ------
    InputError
        The folder has no Parquet files.
    Refused
        The output lies in the input or the other way round.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; --dask takes a folder of Parquet files")
    source, target = folder.resolve(), output.resolve()
    if source == target or source in target.parents or target in source.parents:
        raise Refused(f"{output} and {folder} lie in each other; write to a folder of its own")
    files = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() in ENDINGS and path.is_file() and not _is_hidden(path, source)
    )
    if not files:
        raise InputError(f"{folder} holds no files named {', '.join(ENDINGS)}", folder=str(folder))
    return [
        Part(file, target / file.relative_to(source), _make_mark(file, question)) for file in files
    ]


def find_done(part: Part) -> TableSummary | None:
    """Return the summary of a part that is there already, from the same file and question."""
    text = read_metadata(part.output, MARK) if part.output.is_file() else None
    return None if text is None else TableSummary.load(text, part.mark)


def locate_parts(
    address: str,
    parts: Sequence[Part],
    locator: RowLocator,
    choice: TableChoice,
    *,
    output: Path,
    tell: Callable[[PartResult], object],
) -> None:
    """Locate parts on the workers of a cluster; ``tell`` gets the result of each.

    Raises
    ------
    Unavailable
        The cluster cannot be reached, has no workers, or went away; finished parts are kept.
    """
    distributed = _import_distributed()
    with _kept(locator, output) as kept, _connect(distributed, address) as client:
        futures = client.map(
            locate_part,
            parts,
            locator_file=str(kept),
            choice=choice,
            pure=False,
            key=[f"wangge-locate-{uuid.uuid4().hex}-{part.source.name}" for part in parts],
            retries=2,
        )
        names = {future.key: part.source.name for future, part in zip(futures, parts, strict=True)}
        for future in distributed.as_completed(futures, loop=client.loop):
            tell(_read_result(distributed, future, names[future.key]))
            future.release()


def locate_part(part: Part, *, locator_file: str, choice: TableChoice) -> PartResult:
    """Locate one part; runs on a worker. What is wrong with its file is told, not raised."""
    done = find_done(part)
    if done is not None:
        return PartResult(part.source.name, done)  # by a worker that died before it could say so
    try:
        summary = locate_table(
            open_source(part.source, choice),
            _load(locator_file),
            choice,
            file=part.source,
            output=part.output,
            mark=part.mark,
        )
    except WanggeError as error:
        return PartResult(part.source.name, failure=error.message)
    return PartResult(part.source.name, summary)


def digest_question(locator_digest: str, choice: TableChoice) -> str:
    """Return a digest of a locator and of what was said about the table."""
    text = json.dumps([locator_digest, asdict(choice)], default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def remove_leftovers(output: Path) -> None:
    """Remove what workers that were killed left behind."""
    if not output.is_dir():
        return
    for path in [*output.rglob(f".*{PARTIAL}"), *output.glob(f"{_LOCATOR}*")]:
        with suppress(OSError):
            path.unlink()


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(name.startswith((".", "_")) for name in path.relative_to(folder).parts)


def _make_mark(file: Path, question: str) -> str:
    state = file.stat()
    return json.dumps([state.st_size, state.st_mtime_ns, question])


def _import_distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise Refused(
            "--dask needs Dask, which is not installed here; install wangge[dask], "
            "in the same version as on the workers"
        ) from None
    return distributed


@contextmanager
def _kept(locator: RowLocator, output: Path) -> Iterator[Path]:
    """Write the locator where workers can read it, and remove it in the end."""
    path = output.resolve() / f"{_LOCATOR}{uuid.uuid4().hex}"
    try:
        output.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(locator, stream, protocol=pickle.HIGHEST_PROTOCOL)
    except OSError as error:
        raise Refused(f"cannot write to {output}: {error.strerror}", file=str(output)) from None
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


@contextmanager
def _connect(distributed: Any, address: str) -> Iterator[Any]:
    away = (OSError, TimeoutError, ValueError, RuntimeError)
    _check_address(distributed, address)
    try:
        client = distributed.Client(address, timeout=WAIT_FOR_CLUSTER_S, set_as_default=False)
    except away as error:
        raise Unavailable(f"no Dask scheduler answers at {address} ({_say(error)})") from None
    try:
        try:
            client.wait_for_workers(1, timeout=WAIT_FOR_CLUSTER_S)
        except away:
            raise Unavailable(
                f"the Dask scheduler at {address} has no workers; start `dask worker {address}` "
                "where Wangge is installed and the folders can be reached"
            ) from None
        yield client
    finally:
        with suppress(*away):
            client.close(timeout=5)


def _check_address(distributed: Any, address: str) -> None:
    """Refuse a protocol that Dask does not speak, which a client would ask again and again."""
    protocol, mark, _ = address.partition("://")
    known = sorted(distributed.comm.registry.backends)
    if mark and protocol not in known:
        raise InputError(
            f"{address[:100]!r} is no address of a Dask scheduler; write one such as "
            f"tcp://10.0.0.5:8786 (known are {', '.join(known)})"
        )


def _read_result(distributed: Any, future: Any, name: str) -> PartResult:
    try:
        result: PartResult = future.result(timeout=WAIT_FOR_CLUSTER_S)
    except distributed.KilledWorker:
        return PartResult(name, failure=f"{name}: every worker that took it died; is it too large?")
    except (distributed.CancelledError, TimeoutError, OSError) as error:
        raise Unavailable(
            f"the Dask cluster went away ({_say(error)}); run the same command again: finished "
            "parts are kept"
        ) from None
    except Exception as error:
        return PartResult(name, failure=f"{name}: the worker failed: {_say(error)}")
    return result


def _say(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


@lru_cache(maxsize=1)
def _load(locator_file: str) -> RowLocator:
    with Path(locator_file).open("rb") as stream:
        found: RowLocator = pickle.load(stream)  # noqa: S301 (written by this run, for its workers)
    return found
