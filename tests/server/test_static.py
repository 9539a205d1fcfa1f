"""What browsers are given."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import pytest

STATIC = files("wane.server").joinpath("static")
ROW = re.compile(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", re.MULTILINE)
SCRIPTS = sorted(path.name for path in STATIC.iterdir() if path.name.endswith(".js"))


def test_what_others_wrote_is_as_they_published_it() -> None:
    text = STATIC.joinpath("VENDORED.md").read_text(encoding="utf-8")
    pinned = dict(ROW.findall(text))
    assert pinned.keys() == {name for name in SCRIPTS if ".min." in name}
    for name, digest in pinned.items():
        assert hashlib.sha256(STATIC.joinpath(name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_make_no_code_of_texts(name: str) -> None:
    text = STATIC.joinpath(name).read_text(encoding="utf-8")
    if ".min." not in name:
        assert not re.search(r"\beval\b|new Function|innerHTML|outerHTML", text)
    assert "sourceMappingURL=http" not in text
