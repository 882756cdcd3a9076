"""Do the lock files pin everything, by hash, and name no address?"""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2]
LOCKS = ["requirements.txt", "requirements-test.txt", "package-lock.json"]


def _read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, tuple[str, int]]:
    """Return for each package of a requirements file its version and number of hashes."""
    blocks = re.split(r"\n(?=[a-z0-9])", _read(name))
    found = [(re.match(r"([a-z0-9.-]+)==([^ ;\\]+)", block), block) for block in blocks]
    return {m[1]: (m[2], block.count("--hash=sha256:")) for m, block in found if m}


@pytest.mark.parametrize("name", [*LOCKS, "package.json", ".npmrc", "tools/lock"])
def test_no_file_of_the_setup_names_a_registry(name):
    assert "://" not in _read(name)


def test_the_npm_lock_holds_no_addresses():
    assert '"resolved"' not in _read("package-lock.json")
    assert "omit-lockfile-registry-resolved=true" in _read(".npmrc").splitlines()


@pytest.mark.parametrize("name", LOCKS[:2])
def test_every_python_package_is_pinned_by_hash(name):
    lines = [line for line in _read(name).splitlines() if line and line[0] not in " #"]
    pins = _pins(name)
    assert len(pins) == len(lines) > 50
    assert [package for package, (_, hashes) in pins.items() if hashes == 0] == []


def test_the_tests_run_on_the_versions_that_people_run():
    runs, tests = _pins("requirements.txt"), _pins("requirements-test.txt")
    assert {name: tests.get(name) for name in runs} == runs


@pytest.mark.parametrize("extra", [None, "test"])
def test_the_lock_follows_pyproject(extra):
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    pins = _pins("requirements-test.txt" if extra else "requirements.txt")
    for each in map(Requirement, wanted):
        assert each.name in pins, f"{each.name} is not locked: run tools/lock"
        assert each.specifier.contains(pins[each.name][0]), f"{each} is not met: run tools/lock"


def test_npm_packages_are_pinned_exactly_and_by_hash():
    package, lock = json.loads(_read("package.json")), json.loads(_read("package-lock.json"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    locked = {
        path.removeprefix("node_modules/"): entry
        for path, entry in lock["packages"].items()
        if path
    }
    assert {name: locked[name]["version"] for name in wanted} == wanted
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())
