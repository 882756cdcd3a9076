"""How are the boundaries written to a folder?"""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from gis.demo.district import District
from gis.plan import Grid

_PROVENANCE = """# Provenance

Synthetic. Written by `python -m gis.demo` with seed {seed}; the same seed gives the same bytes on
every machine. No person, household, building, border or report in it is real.

Real are
- the names and codes of the district, of its 3 subdistricts and of 26 urban communities:
  public statistics codes 2020 (统计用区划代码和城乡划分代码), facts typed into a table;
- the counts: 26 communities, 145 grids, of these 6 grids with 27 subgrids in 翁墩;
- the name of the river and some names of streets (not where they run).

Invented are all geometry, the codes and names of grids and subgrids, and everything else that
`gis.demo` builds: streets, estates, buildings, addresses, cameras and reports.

Meilie (350402) was merged into Sanyuan (350404) in 2021; the set shows the district before.

Coordinates are longitude, latitude in EPSG:4490 (CGCS2000), snapped to 1e-7°. There is one file
for each level; `parent` is the code of the area one level up. On every level neighbours share all
vertices of their border, and a wider area has all vertices of its parts on its outline.

A community has 12 digits; a grid adds 3, a subgrid 2 more. They count from 1 in reading order
inside the parent: rows from north to south, in a row from west to east. A row is all areas whose
centre lies no further south of the row's northernmost centre than half the middle height of the
parent's areas.

{table}
`digests.json` has the SHA-256 of every part of the district for this seed.
"""


def write_boundaries(district: District, folder: Path) -> tuple[Path, ...]:
    """Write one GeoJSON file for each level, where the data come from, and all digests.

    Parameters
    ----------
    district
        From :func:`gis.demo.build_district`.
    folder
        Made when it does not exist; files of the same names are replaced.

    Returns
    -------
    tuple of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {}
    rows = ["| file | areas |", "|---|---|"]
    for level in district.plan.levels:
        name = f"{level.value}.geojson"
        texts[name] = _collection(level.value, district.plan.at(level))
        rows.append(f"| `{name}` | {len(district.plan.at(level))} |")
    table = "\n".join(rows) + "\n"
    digests = {"seed": district.seed, **district.digests()}
    texts["digests.json"] = json.dumps(digests, indent=2) + "\n"
    texts["PROVENANCE.md"] = _PROVENANCE.format(seed=district.seed, table=table)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return tuple(folder / name for name in texts)


def _collection(name: str, grids: tuple[Grid, ...]) -> str:
    """One feature a line, so that a change can be read in a difference."""
    head = f'{{"type": "FeatureCollection", "name": "{name}",\n"features": [\n'
    return head + ",\n".join(_feature(grid) for grid in grids) + "\n]}\n"


def _feature(grid: Grid) -> str:
    properties = {"code": grid.code, "name": grid.name, "parent": grid.parent}
    rings = [shapely.get_coordinates(grid.geometry).tolist()]
    geometry = {"type": "Polygon", "coordinates": rings}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
