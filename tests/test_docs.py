"""The documentation shows what works: its examples are run, parsed and validated here."""

import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import typer.main

from build_log import write_logs
from wane.cli.app import app
from wane.config import Settings
from wane.detect.grammar import parse_rule
from wane.report.json_report import json_schema

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def blocks(path: Path, language: str) -> list[str]:
    return [body for kind, body in FENCED.findall(path.read_text("utf-8")) if kind == language]


def commands() -> list[str]:
    """Every line of an indented block that calls wane."""
    lines = [line for path in DOCS for line in path.read_text("utf-8").splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line.startswith("    wane ")]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_python_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_logs(tmp_path)
    for code in blocks(path, "python"):
        exec(compile(code, path.name, "exec"), {})  # noqa: S102 - our own documentation


@pytest.mark.parametrize("command", commands())
def test_commands_parse(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    group = typer.main.get_group(app)
    group.commands[name].make_context(name, arguments)


def test_commands_are_found() -> None:
    shown = {command.split()[1] for command in commands()}
    assert shown == set(typer.main.get_group(app).commands) - {"schema"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_key_is_described() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert [key for key in Settings.model_fields if f"`{key}`" not in text] == []


def test_every_flag_of_check_is_described() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    check = typer.main.get_group(app).commands["check"]
    flags = {flag for parameter in check.params for flag in parameter.opts if flag[:2] == "--"}
    missing = {flag for flag in flags if f"`{flag}`" not in text}
    assert missing == {"--item", "--rank", "--relevance"}  # "`--query` ..." stands for these


def test_every_rule_shown_reads() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    shown = text.split("*breaks* a promise:\n")[1].split("\nA metric")[0]
    rules = [line.strip() for line in shown.splitlines() if line.strip()]
    assert len(rules) > 5
    for rule in rules:
        assert parse_rule(rule).text == rule


def test_json_example_follows_the_schema() -> None:
    (example,) = blocks(ROOT / "docs" / "json.md", "json")
    jsonschema.validate(json.loads(example), json_schema())


def test_every_json_key_is_described() -> None:
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    schema = json_schema()
    keys = [*schema["properties"], *schema["$defs"]["measurement"]["properties"]]
    keys += schema["$defs"]["alert"]["properties"]
    assert [key for key in keys if key not in text] == []
