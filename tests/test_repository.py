"""What holds for every file of the repository."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE_HOSTS = ("py" + "pi", "python" + "hosted", "ana" + "conda", "conda" + "-forge")
HOST = re.compile(rf"\b(?:[\w-]+\.)*(?:{'|'.join(PACKAGE_HOSTS)})\.(?:org|com|io)\b", re.IGNORECASE)
HOME_DIRECTORIES = ("home", "Users", "root", "work", "opt", "mnt", "data")
MACHINE_PATH = re.compile(rf"(?<![\w.:/~*-])/(?:{'|'.join(HOME_DIRECTORIES)})/\w")
CHANGE = re.compile(r"- (ADDED|CHANGED|FIXED|REMOVED) [a-z]+: \S.*")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone: there is no list of tracked files")
    listed = subprocess.run(  # noqa: S603 - git, found on the path
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="ignore") for name in names}


def test_no_file_names_a_package_host(texts: dict[str, str]) -> None:
    assert {name: HOST.findall(text) for name, text in texts.items() if HOST.search(text)} == {}


def test_no_file_holds_a_path_of_somebodys_machine(texts: dict[str, str]) -> None:
    found = {name: MACHINE_PATH.findall(text) for name, text in texts.items()}
    assert {name: paths for name, paths in found.items() if paths} == {}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.name
)
def test_locks_pin_and_hash_and_name_no_address(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    pins = [entry for entry in entries if not entry.startswith("#")]
    assert pins
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    assert not re.search(r"://|^-|file:", path.read_text(), re.MULTILINE)


def test_every_change_is_typed_and_says_its_room() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("- ") and not CHANGE.fullmatch(line)] == []
    assert any(CHANGE.fullmatch(line) for line in lines)


def test_make_has_few_targets_and_explains_each() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony is not None
    explained = re.findall(r"^([a-z-]+):[^#\n]*## \S", text, re.MULTILINE)
    assert sorted(phony[1].split()) == sorted(explained)
    assert len(explained) <= 11
