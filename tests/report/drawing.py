"""Reading drawings back, to see that they are well-formed and what they hold."""

from __future__ import annotations

from xml.etree import ElementTree as ET


def parse(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - as above


def classes(root: ET.Element) -> set[str]:
    return {name for found in root.iter() for name in found.get("class", "").split()}
