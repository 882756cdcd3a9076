"""What can go wrong, in the domain's own words?

Every error carries a stable ``code`` for programs, a message for people that says what is wrong,
where, and what to do, and ``data`` with the same facts in a form that can be tested.

    WanggeError
    ├── InputError          the input is wrong; the sender must change it
    │   ├── UnsupportedFile     a kind of file that is not read on purpose
    │   └── InputTooLarge       larger than the stated limit
    ├── NotFound            no such code, series or revision
    ├── Refused             understood, and not done for a reason that is named
    │   └── Conflict            someone else changed it first
    └── Unavailable         the database (or a tool that is needed) is away
"""

from typing import Any, ClassVar


class WanggeError(Exception):
    """Root of all errors that Wangge raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class InputError(WanggeError):
    """The input is wrong, and the sender can mend it."""

    code = "input"


class UnsupportedFile(InputError):
    """A kind of file that is not read on purpose."""

    code = "unsupported-file"


class InputTooLarge(InputError):
    """The input is larger than the stated limit."""

    code = "input-too-large"


class NotFound(WanggeError):
    """There is no such thing."""

    code = "not-found"


class Refused(WanggeError):
    """The request was understood and is not carried out, for a named reason."""

    code = "refused"


class Conflict(Refused):
    """Someone else changed it first."""

    code = "conflict"


class Unavailable(WanggeError):
    """The database, or a tool that is needed, is away."""

    code = "unavailable"
