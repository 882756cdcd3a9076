"""Write the boundaries of the demonstration district again: ``python -m gis.demo [FOLDER]``."""

import sys
from pathlib import Path

from gis.demo import build_district, write_boundaries

if __name__ == "__main__":
    default = Path(__file__).parents[2] / "data" / "boundaries" / "meilie_demo"
    written = write_boundaries(build_district(), Path(sys.argv[1]) if sys.argv[1:] else default)
    sys.stdout.write("\n".join(str(path) for path in written) + "\n")
