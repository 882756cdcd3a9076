"""Does ./wangge set up once, completely, and never more than is missing?

The script runs for real, in a folder of its own, on a machine of a few programs: a python3 that
writes down what it is asked to do, and an apt-get that nobody may call.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
COPIED = [
    "wangge",
    "requirements.txt",
    "requirements-test.txt",
    "package.json",
    "package-lock.json",
]
TOOLS = [
    "sh",
    "dirname",
    "readlink",
    "cat",
    "sha256sum",
    "head",
    "grep",
    "find",
    "cut",
    "sort",
    "sed",
    "tr",
    "mkdir",
    "stat",
    "flock",
    "rm",
    "tail",
    "sleep",
    "cp",
    "chmod",
    "tee",
]

PYTHON = r"""#!/bin/sh
case "$*" in "-c "*) exit 0 ;; esac
echo "$*" | sed "s#$HOME/##g" >>"$HOME/calls"
case "$*" in
"-m venv "*)
    mkdir -p "$3/bin" "$3/lib/python3.11/site-packages"
    cp "$0" "$3/bin/python"
    cp "$0" "$3/bin/lint-imports" ;;
"-m pip install "*)
    echo "looking at https://user:secret@packages.example/simple"
    sleep "${SLOW:-0}" ;;
"-P -m api.assets --folder "*) mkdir -p "$5" ;;
"-P -m api"*) shift 3; echo "handed over: $* in $PWD" ;;
"-m pytest"*) echo "7 passed, 1 error in 1.00s" ;;
esac
case "$*" in "${FAIL:-nothing}"*) echo "it broke"; exit 1 ;; esac
"""


class Machine:
    """A clone of the project, and a PATH with only what a test puts there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clone = home / "clone"
        (home / "bin").mkdir()
        (self.clone / "api").mkdir(parents=True)
        for name in COPIED:
            shutil.copy(PROJECT / name, self.clone / name)
        shutil.copy(PROJECT / "api" / "assets.py", self.clone / "api" / "assets.py")
        for name in TOOLS:
            (home / "bin" / name).symlink_to(shutil.which(name))
        self.program("python3", PYTHON)
        self.program("id", "#!/bin/sh\necho 1000\n")
        self.program("chromium", "#!/bin/sh\n")

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        path = self.home / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *arguments: str, cwd: Path | None = None, **variables: str):
        """Start ./wangge."""
        environment = {"PATH": str(self.home / "bin"), "HOME": str(self.home), **variables}
        return subprocess.Popen(
            ["/bin/sh", self.clone / "wangge", *arguments],
            cwd=cwd or self.clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **choices):
        """Run ./wangge and return (exit status, output, messages)."""
        running = self.start(*arguments, **choices)
        output, messages = running.communicate(timeout=60)
        return running.returncode, output, messages

    def calls(self) -> list[str]:
        """Return what Python was asked to do since the last time, shortened to three words."""
        path = self.home / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [
            " ".join(line.removeprefix("-P ").removeprefix("-m ").split()[:2]) for line in lines
        ]


SET_UP = ["venv clone/.wangge/venv", "pip install", "pip check", "api.assets --folder"]


@pytest.fixture
def machine(tmp_path):
    """A machine on which everything but Wangge's own things is there."""
    new = Machine(tmp_path)
    new.program("apt-get", '#!/bin/sh\necho "apt-get $*" >>"$HOME/apt"\nexit 1\n')
    return new


def test_the_script_is_plain_shell():
    assert os.access(PROJECT / "wangge", os.X_OK)
    for shell in filter(shutil.which, ("sh", "dash", "bash", "busybox")):
        command = [shell, "sh"] if shell == "busybox" else [shell]
        subprocess.run([*command, "-n", PROJECT / "wangge"], check=True)


def test_ci_runs_what_people_run():
    assert (PROJECT / ".ci" / "run").read_text().splitlines()[1:] == ["./wangge test"]


def test_the_first_run_sets_up_and_the_second_only_hands_over(machine):
    status, output, messages = machine.run("demo", "--no-serve")
    assert (status, output) == (0, f"handed over: demo --no-serve in {machine.clone}\n")
    assert "Making the virtual environment" in messages
    assert machine.calls() == [*SET_UP, "api demo"]

    status, output, messages = machine.run("demo", "--no-serve")
    assert (status, messages) == (0, "")
    assert machine.calls() == ["api demo"]
    assert not (machine.home / "apt").exists()


def test_packages_are_installed_by_hash_only_and_as_wheels(machine):
    machine.run("demo")
    install = next(
        line for line in (machine.home / "calls").read_text().splitlines() if "pip install" in line
    )
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install


def test_the_folder_of_the_caller_is_kept(machine, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "wangge"
    link.symlink_to(machine.clone / "wangge")
    _, output, _ = machine.run("locate", "a b.csv", cwd=elsewhere)
    assert output == f"handed over: locate a b.csv in {elsewhere}\n"


def test_the_project_is_importable_and_the_folder_of_the_caller_is_not(machine):
    machine.run("demo")
    path = machine.clone / ".wangge/venv/lib/python3.11/site-packages/wangge.pth"
    assert path.read_text() == f"{machine.clone}\n"
    assert (machine.home / "calls").read_text().splitlines()[-1].startswith("-P -m api demo")


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("requirements.txt", SET_UP[:3]),
        ("package-lock.json", SET_UP[3:]),
        ("requirements-test.txt", []),
    ],
)
def test_only_what_a_changed_lock_concerns_is_made_again(machine, file, again):
    machine.run("demo")
    machine.calls()
    with (machine.clone / file).open("a") as lock:
        lock.write("\n")
    machine.run("demo")
    assert machine.calls() == [*again, "api demo"]


def test_a_moved_clone_is_set_up_again(machine):
    machine.run("demo")
    machine.calls()
    moved = machine.clone.rename(machine.home / "moved")
    machine.clone = moved
    machine.run("demo")
    assert machine.calls()[0] == "venv moved/.wangge/venv"


def test_test_things_are_added_to_the_environment_that_is_there(machine):
    machine.run("demo")
    machine.calls()
    assert machine.run("setup", "--with-test")[0] == 0
    assert machine.calls() == ["pip install", "pip check", "api setup"]
    assert machine.run("setup")[0] == 0
    assert machine.calls() == ["api setup"]


def test_a_failed_install_is_told_without_addresses_and_made_again(machine):
    status, output, messages = machine.run("demo", FAIL="-m pip install")
    assert (status, output) == (1, "")
    assert "the Python packages could not be installed" in messages
    assert "it broke" in messages
    log = (machine.clone / ".wangge/setup.log").read_text()
    for text in (messages, log):
        assert "looking at (address)" in text
        assert "secret" not in text
    machine.calls()
    assert machine.run("demo")[0] == 0
    assert machine.calls() == [*SET_UP, "api demo"]


def test_a_kill_in_the_middle_is_mended_by_the_next_run(machine):
    machine.run("demo")
    machine.calls()
    running = machine.start("setup", "--with-test", SLOW="2")
    while not (machine.home / "calls").exists():
        assert running.poll() is None
        time.sleep(0.01)
    running.kill()
    running.communicate(timeout=60)
    machine.calls()
    assert machine.run("demo")[0] == 0
    assert machine.calls() == [*SET_UP[:3], "api demo"]


def test_two_at_once_set_up_once(machine):
    both = [machine.start("one", SLOW="1"), machine.start("two", SLOW="1")]
    said = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sorted(output.split()[2] for output, _ in said) == ["one", "two"]
    assert sum("waiting for it" in messages for _, messages in said) == 1
    calls = machine.calls()
    assert [calls.count(each) for each in SET_UP] == [1, 1, 1, 1]


def test_asking_for_help_installs_nothing(machine):
    status, output, _ = machine.run("--help")
    assert status == 0
    assert "./wangge demo" in output
    assert not (machine.clone / ".wangge").exists()


def test_without_apt_it_says_what_is_missing(machine):
    (machine.home / "bin" / "apt-get").unlink()
    (machine.home / "bin" / "chromium").unlink()
    status, output, messages = machine.run("setup", "--with-test")
    assert (status, output) == (1, "")
    assert "  - Chromium (or set WANGGE_CHROMIUM to the path of one)\n" in messages
    assert "There is no apt-get here." in messages
    assert machine.calls() == []


def test_without_root_it_says_what_an_administrator_must_run(machine):
    # A chromium that only asks for a snap is none.
    machine.program("chromium", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    machine.program("apt-cache", '#!/bin/sh\necho "  Candidate: 150.0"\n')
    status, _, messages = machine.run("test")
    assert status == 1
    assert "apt-get install --no-install-recommends chromium\n" in messages
    assert not (machine.home / "apt").exists()
    assert machine.calls() == []


def test_test_runs_every_check_and_ends_with_the_counts(machine):
    status, output, _ = machine.run("test", "-k", "border", FAIL="-m ruff check")
    assert status == 1
    lines = output.splitlines()
    headings = [line for line in lines if line.startswith("== ")]
    assert headings == [
        "== ruff format --check .",
        "== ruff check .",
        "== mypy",
        "== lint-imports",
        "== pytest",
    ]
    assert lines[-2:] == ["Failed before pytest: ruff check .", "7 passed, 2 failed"]
    assert "--dist loadscope -k border" in (machine.home / "calls").read_text()


def test_test_ends_with_the_line_of_pytest_when_all_is_well(machine):
    status, output, _ = machine.run("test")
    assert status == 0
    assert output.splitlines()[-1] == "7 passed, 1 error in 1.00s"


def test_a_database_elsewhere_is_enough_without_a_server(machine):
    script = (machine.clone / "wangge").read_text()
    (machine.clone / "wangge").write_text(script.replace("/usr/lib/postgresql", "/nowhere"))
    assert machine.run("demo", WANGGE_DATABASE_URL="postgresql://db/x")[0] == 0
    machine.program("apt-cache", "#!/bin/sh\n")
    status, _, messages = machine.run("demo")
    assert status == 1
    assert "PostgreSQL 15 to 18 with PostGIS 3" in messages
