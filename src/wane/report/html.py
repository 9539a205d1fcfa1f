"""The report as one self-contained HTML file: no network, no script, a strict content policy."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from wane.report.environment import fill, style
from wane.report.page import page, page_since

if TYPE_CHECKING:
    from wane.report.page import Page
    from wane.report.result import Result


def render(result: Result, since: int | None = None) -> str:
    """The whole page as text, to be written as UTF-8.

    Everything that comes from the data is escaped; long names are shortened; lists are capped
    and say how many entries they leave out. It holds aggregates only.

    Args:
        result: Any result, also one without windows, labels or reference.
        since: First window that is shown; None: all.
    """
    whole = page(result)
    return of_page(whole if since is None else page_since(whole, result, since))


def of_page(shown: Page) -> str:
    """The same of a page that is there already."""
    sheet = style()
    values = {
        "page": shown,
        "columns_at": None,
        "style": sheet,
        "policy": content_policy(sheet),
    }
    return fill("report.html.j2", values)


def content_policy(sheet: str) -> str:
    """Nothing may be loaded or run; of styles only the one with this hash counts."""
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
