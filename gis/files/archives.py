"""How is a zip archive taken apart without being taken in?

Members are counted and their bytes are counted while they are written, because what an archive
says about itself may be wrong. Only plain files go into a folder of our own, under plain names.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files.limits import MAX_EXPANDED_BYTES, MAX_MEMBERS
from gis.files.sniffing import Content, recognise

_CHUNK = 1 << 20
_LONGEST_NAME_BYTES = 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF8_NAME = 0x800


def unpack(path: Path, folder: Path) -> list[Path]:
    """Write the files of a zip archive into a folder.

    Parameters
    ----------
    path
        The archive.
    folder
        An empty folder that belongs to the caller.

    Returns
    -------
    list of Path
        The files, without the archive's folders.

    Raises
    ------
    InputTooLarge
        More members or more bytes than the limits.
    InputError
        The archive is damaged, locked, or holds a member that is no plain file inside it.
    UnsupportedFile
        An archive inside the archive, or a virtual dataset.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_members(members, path.name)
            return _write_all(archive, members, folder, path.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{path.name} is a damaged or locked zip archive ({error}); make it again",
            file=path.name,
        ) from None


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; one that is not marked as UTF-8 may be GB18030."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    raw = member.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _check_members(members: list[zipfile.ZipInfo], file: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise InputTooLarge(
            f"{file} has {len(members):,} members; at most {MAX_MEMBERS:,} are read", file=file
        )
    claimed = sum(member.file_size for member in members)
    if claimed > MAX_EXPANDED_BYTES:
        raise _too_large(file)
    for member in members:
        name = member_name(member)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or ":" in name:
            raise InputError(f"{file}: the member {name[:80]!r} leaves the archive", file=file)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{file}: the member {name[:80]!r} is a link", file=file)
        if len(parts[-1].encode(errors="replace")) > _LONGEST_NAME_BYTES:
            raise InputError(f"{file}: the name {name[:80]!r}… is too long; shorten it", file=file)
        if member.compress_type not in _METHODS:
            raise UnsupportedFile(
                f"{file}: the member {name[:80]!r} is packed in a way that is not read; "
                "make a plain zip archive",
                file=file,
            )


def _write_all(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, file: str
) -> list[Path]:
    left = MAX_EXPANDED_BYTES
    written: list[Path] = []
    for member in members:
        name = PurePosixPath(member_name(member).replace("\\", "/")).name
        target = folder / name
        if name.startswith(".") or "__MACOSX" in member.filename:
            continue
        if target in written:
            raise InputError(f"{file} holds {name!r} twice", file=file)
        left -= _write(archive, member, target, left, file)
        written.append(target)
    return written


def _write(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, file: str
) -> int:
    size = 0
    with archive.open(member) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            if size == 0 and recognise(chunk[:4096], file=target.name) is Content.ZIP:
                raise UnsupportedFile(
                    f"{file} holds an archive inside the archive ({target.name}); unpack it first",
                    file=file,
                )
            size += len(chunk)
            if size > left:
                raise _too_large(file)
            sink.write(chunk)
    return size


def _too_large(file: str) -> InputTooLarge:
    return InputTooLarge(
        f"{file} expands to more than {MAX_EXPANDED_BYTES:,} bytes; divide it", file=file
    )
