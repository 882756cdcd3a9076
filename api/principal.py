"""Who is asking?

Every route depends on :func:`principal`. For now an installation answers on the loopback address
and everybody there is the same trusted supervisor; access rules will change this one function, and
no route.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or program that makes a request."""

    name: str


def principal() -> Principal:
    """Return who makes the request."""
    return Principal(name="local")


Asker = Annotated[Principal, Depends(principal)]
