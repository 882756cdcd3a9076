"""Which areas does a boundary file hold, and in which coordinates?

GeoJSON, GeoPackage, Shapefile (alone or zipped) and KML become the same thing: rows with their
cells and a geometry in EPSG:4490, once exact and once snapped.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shapely

from gis import coords
from gis.errors import InputError, UnsupportedFile
from gis.files.archives import unpack
from gis.files.geojson import read_geojson
from gis.files.geopackage import read_geopackage
from gis.files.kml import read_kml
from gis.files.layer import RawLayer, bring_to_storage, choose_crs
from gis.files.limits import MAX_BOUNDARY_FILE_BYTES, check_file
from gis.files.rings import check_areas, tidy
from gis.files.shapefile import read_shapefile
from gis.files.sniffing import Content, check_content
from gis.plan.coverage import Geometries
from gis.plan.features import Feature, settle

_READ_FROM_ZIP = (".shp", ".gpkg", ".geojson", ".json", ".kml")


@dataclass(frozen=True, slots=True)
class BoundaryLayer:
    """The rows of one or several boundary files.

    ``crs`` is the system the file was in; ``notes`` are things the reader decided that a person
    should know.
    """

    features: list[Feature]
    crs: str
    columns: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


def read_boundaries(
    paths: Path | str | Sequence[Path | str],
    *,
    crs: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> BoundaryLayer:
    """Read polygons with their attributes from one file, or from several of the same kind.

    Parameters
    ----------
    paths
        ``.geojson``/``.json``, ``.gpkg``, ``.shp``, ``.kml``, or a ``.zip`` that holds one of them.
    crs
        For files that name none. One that contradicts the file is refused, save for GeoJSON and
        KML, whose WGS84 is only the format's convention.
    encoding
        Of the texts of a shapefile; else its ``.cpg``, UTF-8 or GB18030.
    layer
        Which layer of a GeoPackage, or which shapefile of an archive.

    Returns
    -------
    BoundaryLayer
        Geometry in EPSG:4490; rows are numbered from 1, through all files.

    Raises
    ------
    InputError
        With the file, the row and what to do. ``UnsupportedFile`` and ``InputTooLarge`` for kinds
        and sizes that are not read.
    """
    several = [paths] if isinstance(paths, Path | str) else list(paths)
    layers = [_read_one(Path(path), crs, encoding, layer) for path in several]
    if not layers:
        raise InputError("no file was given")
    features = [
        Feature(number, feature.properties, feature.geometry, feature.exact)
        for number, feature in enumerate((feature for one in layers for feature in one.features), 1)
    ]
    columns = tuple(dict.fromkeys(name for one in layers for name in one.columns))
    return BoundaryLayer(
        features, layers[0].crs, columns, [note for one in layers for note in one.notes]
    )


def read_features(
    path: Path, *, crs: str | None = None, encoding: str | None = None, layer: str | None = None
) -> RawLayer:
    """Read a file of features of any accepted kind, in its own CRS."""
    check_file(path, max_bytes=MAX_BOUNDARY_FILE_BYTES)
    content = check_content(path)
    if content is Content.ZIP and path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
            return _read_plain(
                _choose_member(unpack(path, Path(folder)), layer, path.name), crs, encoding, None
            )
    return _read_plain(path, crs, encoding, layer)


def _read_plain(path: Path, crs: str | None, encoding: str | None, layer: str | None) -> RawLayer:
    content = check_content(path)
    if content is Content.JSON:
        return read_geojson(path)
    if content is Content.KML:
        return read_kml(path)
    if content is Content.GEOPACKAGE:
        return read_geopackage(path, layer=layer)
    if content is Content.SHAPEFILE:
        return read_shapefile(path, crs=crs, encoding=encoding)
    raise UnsupportedFile(
        f"{path.name} holds no features; give GeoJSON, GeoPackage, Shapefile or KML",
        file=path.name,
    )


def _choose_member(files: Sequence[Path], layer: str | None, archive: str) -> Path:
    known = [file for file in files if file.suffix.lower() in _READ_FROM_ZIP]
    chosen = [file for file in known if layer is None or file.stem == layer]
    if len(chosen) != 1:
        listed = ", ".join(sorted(file.name for file in known)) or "none"
        raise InputError(
            f"{archive}: name one layer with --layer; the archive holds: {listed}", file=archive
        )
    return chosen[0]


def _read_one(
    path: Path, crs: str | None, encoding: str | None, layer: str | None
) -> BoundaryLayer:
    raw = read_features(path, crs=crs, encoding=encoding, layer=layer)
    chosen = choose_crs(raw, crs, file=path.name)
    check_areas(raw.geometries, file=path.name)
    exact = bring_to_storage(tidy(raw.geometries), crs=chosen, file=path.name)
    features, settled = _settle(raw, exact)
    notes = list(raw.notes)
    if settled:
        notes.append(
            f"{settled} areas touched themselves after rounding to 1e-7° and were put right"
        )
    columns = tuple(dict.fromkeys(name for row in raw.rows for name in row))
    return BoundaryLayer(features, chosen, columns, notes)


def _settle(raw: RawLayer, exact: Geometries) -> tuple[list[Feature], int]:
    features, settled = [], 0
    snapped = shapely.transform(exact, coords.snap)
    spoiled = shapely.is_valid(exact) & ~shapely.is_valid(snapped)
    for index, cells in enumerate(raw.rows):
        geometry = settle(exact[index]) if spoiled[index] else snapped[index]
        settled += bool(spoiled[index])
        features.append(Feature(index + 1, cells, geometry, exact[index]))
    return features, settled
