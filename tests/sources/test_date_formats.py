from __future__ import annotations

import pytest

from wane.sources.date_formats import local_time_format


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["12/31/2025 10:00:00", "1/2/2025 9:05:00"], "%m/%d/%Y %H:%M:%S"),
        (["31/12/2025 10:00"], "%d/%m/%Y %H:%M"),
        (["1/2/2025 10:00"], "%m/%d/%Y %H:%M"),
        (["1.2.2025 10:00"], "%d.%m.%Y %H:%M"),
        (["31-12-2025 10:00"], "%d-%m-%Y %H:%M"),
        (["31/12/2025 10:00", "12/31/2025 10:00"], None),
        (["31/12/2025 10:00", "31/12/2025 10:00:00"], None),
        (["31/12/2025 10:00", "soon"], None),
        (["2025-12-31 10:00:00"], None),
        (["99/99/2025 10:00"], None),
    ],
)
def test_format(texts: list[str], form: str | None) -> None:
    assert local_time_format(texts) == form
