"""Run the command line: ``python -m api``."""

import signal

# Until the command line is loaded, Ctrl+C simply ends the program, without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from api.cli import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
