"""How is a function compiled, and when is its compiled form on disk renewed?

numba renews a function when its own file changes. The compiled functions of this folder call each
other across files, so all that they are made of becomes a part of the key of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache

FILES = ("layout.py", "sides.py", "cells.py", "filling.py")
Compiled = TypeVar("Compiled", bound=Callable[..., Any])

_SOURCES = hashlib.sha256(
    b"".join(Path(__file__).with_name(name).read_bytes() for name in FILES)
).hexdigest()


class _Cache(FunctionCache):
    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        key: tuple[Any, ...] = super()._index_key(sig, codegen)  # type: ignore[no-untyped-call]
        return (*key, _SOURCES)


def compiled(function: Compiled) -> Compiled:
    """Compile a function for strict arithmetic without the interpreter lock, and keep it on disk.

    Nothing is relaxed: no fast-math, no contraction; division by zero gives what IEEE 754 says.
    """
    dispatcher: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    dispatcher._cache = _Cache(function)  # type: ignore[no-untyped-call]
    ready: Compiled = dispatcher
    return ready
