"""What a person sees and does, in a real browser."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from browser.conftest import Service

pytestmark = pytest.mark.xdist_group("browser")
"""One worker runs them, so that there is one server and one browser."""
PAGES = (
    "/",
    "/models/churn",
    "/models/churn?last=7d",
    "/models/churn/columns/x0",
    "/models/none",
    "/alerts",
)
SERIOUS = {"serious", "critical"}


@contextmanager
def signed_in(
    browser: Browser, service: Service, *, theme: str = "light", width: int = 1366
) -> Iterator[Page]:
    """A page of somebody who has typed the key in; fails when the console has something to say."""
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 900},
        accept_downloads=True,
    )
    page = context.new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if bad(message.type) else None)
    page.goto(f"{service.url}/")
    page.fill("#key", service.key)
    page.click("main button")
    yield page
    context.close()
    assert [line for line in told if "404" not in line] == []


def bad(kind: str) -> bool:
    return kind in ("error", "warning")


def test_the_first_page_goes_on_by_itself_when_an_event_arrives(
    browser: Browser, empty: Service
) -> None:
    with signed_in(browser, empty) as page:
        expect(page.locator("h1")).to_contain_text("Three ways in")
        page.click("text=Make one and fill it in")
        lines = page.locator("pre").all_inner_texts()
        key = lines[1].split("Bearer ")[1].split('"')[0]
        assert key.startswith("wane_")
        assert key in lines[0]
        sender = type(empty)(empty.url, key)
        sender.call("POST", "/v1/models/my-model/predictions", [{"id": "a1", "prediction": 1}])
        expect(page.get_by_role("link", name="my-model")).to_be_visible(timeout=10_000)


def test_a_wrong_key_is_told(browser: Browser, served: Service) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/models/churn")
    page.fill("#key", "wane_000000000000_" + "x" * 43)
    page.click("main button")
    expect(page.get_by_role("alert")).to_contain_text("no valid key")
    page.fill("#key", served.key)
    page.click("main button")
    expect(page).to_have_url(f"{served.url}/models/churn")
    page.close()


def test_the_range_is_in_the_address(browser: Browser, served: Service) -> None:
    with signed_in(browser, served) as page:
        page.goto(f"{served.url}/models/churn")
        expect(page.locator("h1")).to_contain_text("fell")
        rows = page.locator("section details").first.locator("tbody tr")
        assert rows.count() == 28
        page.click("nav.ranges >> text=7d")
        expect(page).to_have_url(f"{served.url}/models/churn?last=7d")
        expect(page.locator("nav.ranges [aria-current]")).to_have_text("7d")
        expect(rows).to_have_count(7)
        page.go_back()
        expect(page.locator("nav.ranges [aria-current]")).to_have_text("all")
        expect(rows).to_have_count(28)


def test_the_cursor_reads_windows_out(browser: Browser, served: Service) -> None:
    with signed_in(browser, served) as page:
        page.goto(f"{served.url}/models/churn")
        chart = page.locator("svg.chart.wide[data-at]")
        chart.hover(position={"x": 600, "y": 100})
        expect(page.locator(".readout")).to_contain_text("Accuracy 0.")
        before = page.inner_text(".readout")
        chart.focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".readout")).not_to_have_text(before)


def test_a_column_opens_and_goes_out_as_csv(browser: Browser, served: Service) -> None:
    with signed_in(browser, served) as page:
        page.goto(f"{served.url}/models/churn")
        page.get_by_role("link", name="x0").first.click()
        expect(page).to_have_url(f"{served.url}/models/churn/columns/x0")
        expect(page.locator("h1")).to_contain_text("x0")
        with page.expect_download() as waiting:
            page.click("text=CSV")
        text = waiting.value.path().read_text(encoding="utf-8")
        assert text.startswith('"window_start"')
        assert '"psi","x0"' in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_every_page_fits_and_can_be_read(
    browser: Browser, served: Service, theme: str, width: int
) -> None:
    with signed_in(browser, served, theme=theme, width=width) as page:
        for path in PAGES:
            page.goto(f"{served.url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found = Axe().run(page).response["violations"]
            assert [one for one in found if one["impact"] in SERIOUS] == [], path


def test_an_incident_is_looked_after(browser: Browser, served: Service) -> None:
    with signed_in(browser, served) as page:
        page.click("text=Alerts")
        page.locator("td.text a").first.click()
        expect(page.locator("h1")).to_contain_text("ccuracy")
        page.fill("#by", "Ann")
        page.click("text=I look after it")
        expect(page.locator(".state")).to_contain_text("looked after by Ann")
        found = Axe().run(page).response["violations"]
        assert [one for one in found if one["impact"] in SERIOUS] == []


def test_signing_out_ends_it(browser: Browser, served: Service) -> None:
    with signed_in(browser, served) as page:
        page.click("text=Sign out")
        page.goto(f"{served.url}/models/churn")
        expect(page.locator("h1")).to_have_text("Sign in")
