"""Does an archive give its plain files, and nothing that harms?"""

import struct
import zipfile

import pytest

from gis.errors import InputError, InputTooLarge, UnsupportedFile
from gis.files import archives
from gis.files.boundaries import read_boundaries
from tests.files.makers import SQUARE, write_geojson, zip_files


def test_a_bomb_is_refused_by_its_claim_and_by_its_bytes(tmp_path, monkeypatch):
    (tmp_path / "a.geojson").write_bytes(b"{" + b" " * 200_000)
    path = zip_files(tmp_path / "a.zip", [tmp_path / "a.geojson"])
    monkeypatch.setattr(archives, "MAX_EXPANDED_BYTES", 100_000)
    with pytest.raises(InputTooLarge, match="expands to more"):
        read_boundaries(path)
    lied = path.read_bytes().replace(struct.pack("<I", 200_001), struct.pack("<I", 99))
    path.write_bytes(lied)
    with pytest.raises(InputError):
        read_boundaries(path)


@pytest.mark.parametrize("name", ["../a.geojson", "/a.geojson", "x/../../a.geojson", "c:a.kml"])
def test_a_member_that_leaves_is_refused(tmp_path, name):
    path = tmp_path / "deep" / "a.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(InputError, match="leaves the archive"):
        read_boundaries(path)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["a.zip", "deep"]


def test_a_link_and_a_nested_archive_are_refused(tmp_path):
    linked, nested = tmp_path / "l.zip", tmp_path / "n.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="is a link"):
        read_boundaries(linked)
    inner = zip_files(tmp_path / "inner.zip", [write_geojson(tmp_path / "a.geojson", [SQUARE])])
    with pytest.raises(UnsupportedFile, match="archive inside"):
        read_boundaries(zip_files(nested, [inner]))


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    files = [write_geojson(tmp_path / f"{name}.geojson", [SQUARE]) for name in "abc"]
    with pytest.raises(InputTooLarge, match="3 members"):
        read_boundaries(zip_files(tmp_path / "a.zip", files))


def test_one_of_several_layers_has_to_be_named(tmp_path):
    files = [write_geojson(tmp_path / f"{name}.geojson", [SQUARE]) for name in "ab"]
    path = zip_files(tmp_path / "a.zip", files)
    with pytest.raises(InputError, match=r"--layer.*a\.geojson, b\.geojson"):
        read_boundaries(path)
    assert len(read_boundaries(path, layer="b").features) == 1


def test_a_member_name_in_gbk_is_read(tmp_path):
    plain = zip_files(tmp_path / "a.zip", [write_geojson(tmp_path / "aa.geojson", [SQUARE])])
    plain.write_bytes(plain.read_bytes().replace(b"aa.geojson", "网.geojson".encode("gbk")))
    with pytest.raises(InputError, match=r"网\.geojson"):
        read_boundaries(plain, layer="x")
    assert len(read_boundaries(plain, layer="网").features) == 1


def test_a_broken_archive_is_an_input_error(tmp_path):
    path = zip_files(tmp_path / "a.zip", [write_geojson(tmp_path / "a.geojson", [SQUARE])])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match="damaged"):
        read_boundaries(path)


@pytest.mark.parametrize(
    ("name", "method", "said"),
    [
        ("a.geojson", zipfile.ZIP_BZIP2, "packed in a way"),
        ("a.geojson", zipfile.ZIP_LZMA, "packed in a way"),
        ("网" * 80 + ".geojson", zipfile.ZIP_STORED, "too long"),
    ],
)
def test_what_no_plain_archive_holds_is_refused(tmp_path, name, method, said):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr(name, "{}")
    with pytest.raises(InputError, match=said):
        read_boundaries(tmp_path / "a.zip")
