"""Is KML read without following anything, and is what is damaged told?"""

import pytest

from gis.errors import InputError, UnsupportedFile
from gis.files.boundaries import read_boundaries
from gis.files.kml import _Blocks
from tests.files.makers import placemark, write_kml


def test_a_network_link_is_not_followed(tmp_path):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    with pytest.raises(UnsupportedFile, match="links to another document"):
        read_boundaries(write_kml(tmp_path / "a.kml", placemark("1") + link))


def test_entities_are_refused(tmp_path):
    path = tmp_path / "a.kml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f"<kml>{placemark('&x;')}</kml>"
    )
    with pytest.raises(UnsupportedFile, match="entities"):
        read_boundaries(path)


def test_name_goes_by_both_spellings_and_extended_data_are_columns(tmp_path):
    data = '<ExtendedData><Data name="级别"><value>网格</value></Data></ExtendedData>'
    (feature,) = read_boundaries(
        write_kml(tmp_path / "a.kml", placemark("翁墩", extended=data))
    ).features
    assert feature.properties["Name"] == feature.properties["name"] == "翁墩"
    assert feature.properties["级别"] == "网格"


@pytest.mark.parametrize("encoding", ["GB18030", "klingon"])
def test_an_encoding_that_is_not_read_is_told(tmp_path, encoding):
    path = write_kml(tmp_path / "a.kml", placemark("1"))
    path.write_text(path.read_text("utf-8").replace("UTF-8", encoding), "utf-8")
    with pytest.raises(InputError, match="save it as UTF-8"):
        read_boundaries(path)


def test_a_line_of_one_position_is_an_input_error(tmp_path):
    line = "<Placemark><LineString><coordinates>1,2</coordinates></LineString></Placemark>"
    with pytest.raises(InputError, match="fewer than two"):
        read_boundaries(write_kml(tmp_path / "a.kml", line))


def test_a_tag_of_many_megabytes_is_read_in_few_steps(tmp_path, monkeypatch):
    steps = []
    read = _Blocks.read
    monkeypatch.setattr(_Blocks, "read", lambda *args: steps.append(1) or read(*args))
    body = f'<Placemark id="{"x" * 10_000_000}"/>'
    assert len(read_boundaries(write_kml(tmp_path / "a.kml", body)).features) == 1
    assert len(steps) == 3


def test_deep_or_broken_xml_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="nested"):
        read_boundaries(write_kml(tmp_path / "a.kml", "<Folder>" * 100 + "</Folder>" * 100))
    with pytest.raises(InputError, match="well-formed"):
        read_boundaries(write_kml(tmp_path / "b.kml", "<Folder>"))
