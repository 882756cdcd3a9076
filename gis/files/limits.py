"""How large may a file be before it is refused?

Every limit is checked while reading, before the memory is taken.
"""

from pathlib import Path

from gis.errors import InputError, InputTooLarge

MAX_EXPANDED_BYTES = 1_000_000_000
MAX_MEMBERS = 1_000
MAX_VERTICES = 2_000_000
MAX_FEATURES = 500_000
MAX_DEPTH = 40
MAX_BOUNDARY_FILE_BYTES = 500_000_000


def check_file(path: Path, *, max_bytes: int) -> None:
    """Refuse a path that is no file, an empty file, or one above a size."""
    if not path.is_file():
        raise InputError(f"there is no file {path.name!r}; check the path", file=str(path))
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path.name} is empty", file=path.name)
    if size > max_bytes:
        raise InputTooLarge(
            f"{path.name} has {size:,} bytes; at most {max_bytes:,} are read; divide it",
            file=path.name,
        )


def check_vertices(count: int, *, file: str) -> None:
    """Refuse more vertices than a layer of boundaries may have."""
    if count > MAX_VERTICES:
        raise InputTooLarge(
            f"{file} has about {count:,} vertices; at most {MAX_VERTICES:,} are read; "
            "simplify it, or import it in parts",
            file=file,
        )


def check_features(count: int, *, file: str) -> None:
    """Refuse more features than a layer may have."""
    if count > MAX_FEATURES:
        raise InputTooLarge(
            f"{file} has {count:,} features; at most {MAX_FEATURES:,} are read; import it in parts",
            file=file,
        )
