"""Who is asking?

Every route depends on :func:`principal`. An installation answers on the loopback address, and
whoever reaches it is trusted to say who they are in the header ``Wangge-Person``. The name is
written into every draft, approval and audit entry as *declared*; access rules will change this one
function, and no route.
"""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header

from gis.errors import InputError

LONGEST_PERSON = 80


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or program that makes a request."""

    name: str


async def principal(
    wangge_person: Annotated[
        str | None,
        Header(
            max_length=9 * LONGEST_PERSON,
            description="Name of the person, percent-encoded UTF-8 where it is not ASCII.",
            examples=["%E9%99%88%E6%98%8E"],
        ),
    ] = None,
) -> Principal:
    """Return who makes the request; ``local`` when the request does not say."""
    return Principal(name=read_person(wangge_person))


def read_person(declared: str | None) -> str:
    """Read a declared name.

    Raises
    ------
    InputError
        It is empty, too long, or holds control characters.

    Examples
    --------
    >>> read_person("%E9%99%88%E6%98%8E"), read_person(None)
    ('陈明', 'local')
    """
    if declared is None:
        return "local"
    name = " ".join(unquote(declared).split())
    if not 0 < len(name) <= LONGEST_PERSON or not name.isprintable():
        raise InputError(
            f"the name of a person has 1 to {LONGEST_PERSON} printable characters; "
            "in the header Wangge-Person it is percent-encoded UTF-8"
        )
    return name


Asker = Annotated[Principal, Depends(principal)]
