import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from report import build_result as build
from report.drawing import parse
from wane.metrics.measurement import SeriesKey
from wane.report.environment import style
from wane.report.html import content_policy, render

VOID = {"meta", "br", "img", "link", "input"}
OPTIONAL_END = {"td", "th", "tr", "li", "p"}


class Reader(HTMLParser):
    """Collects elements, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID | OPTIONAL_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in OPTIONAL_END:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    return reader


@pytest.mark.parametrize("name", build.ALL)
def test_every_page_is_whole_and_stays_at_home(name: str) -> None:
    page = render(build.ALL[name]())
    reader = read(page)
    assert "script" not in reader.tags
    assert not {"img", "link", "iframe", "object", "form"} & set(reader.tags)
    assert not [key for key, _ in reader.attributes if key.startswith("on") or key == "style"]
    links = [value for key, value in reader.attributes if key in ("href", "src")]
    assert links == ["#main"]
    for address in ("http:", "https:", "url(", "@import"):
        assert address not in page


@pytest.mark.parametrize("name", build.ALL)
def test_every_drawing_is_well_formed_and_named_or_hidden(name: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", render(build.ALL[name]()), re.DOTALL):
        root = parse(drawing)
        assert (root.get("role") == "img" and root.get("aria-label")) or root.get("aria-hidden")
        assert "nan" not in " ".join(part.get("d", "") for part in root.iter())


@pytest.mark.parametrize("name", build.ALL)
def test_the_policy_allows_this_style_and_nothing_else(name: str) -> None:
    page = render(build.ALL[name]())
    sheet = page.split("<style>")[1].split("</style>")[0]
    policy = content_policy(sheet)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert f'http-equiv="Content-Security-Policy" content="{policy}"' in page.replace("&#39;", "'")


@pytest.mark.parametrize("name", [name for name in build.ALL if name != "hostile"])
def test_the_verdict_is_on_top(name: str) -> None:
    result = build.ALL[name]()
    text = "".join(read(render(result)).text)
    assert result.verdict.sentence in text
    assert text.index(result.verdict.sentence) < text.index("How this was computed")
    assert text.lower().index(result.verdict.state.value) < text.index(result.verdict.sentence) + 1


def test_the_sections_come_in_order() -> None:
    page = render(build.declining())
    titles = [
        "Accuracy is 0.882",
        "3 of 12 features changed",
        "Where: accuracy",
        "<h2>Alerts of rules",
        "<h2>All metrics",
        "<h2>Every feature",
        "<h2>Data quality",
        "Busiest on Tue",
        "<h2>How this was computed",
    ]
    places = [page.rindex(title) for title in titles]
    assert places == sorted(places)


def test_rows_rejected_and_reference_are_told() -> None:
    page = render(build.declining())
    assert "150,260 of 150,412 rows used; rejected: 112 timestamp in the future" in page
    assert "first 14 of 60 windows, 34,010 rows" in page


def test_every_undefined_number_has_its_reason() -> None:
    page = render(build.undefined())
    for reason in (
        "no labels in this window",
        "a single class in this window",
        "no rows to label",
        "every value is missing",
        "no labels in this segment",
    ):
        assert reason in page
    assert not re.search(r"\bnan\b|\bNone\b", "".join(read(page).text))


def test_hostile_names_are_shown_as_text_and_shortened() -> None:
    page = render(build.hostile())
    text = "".join(read(page).text)
    assert "<script>alert(1)</script>" in text
    assert "{{ 7 * 7 }}" in text
    assert "49" not in page.split("{{ 7 * 7 }}")[1][:40]
    assert "n" * 301 not in page
    assert "(10,000 characters)" in page
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "\u202e" not in re.sub(
        r"<bdi.*?</bdi>|<p.*?</p>|<li>.*?</li>|=\"[^\"]*\"|<h\d.*?</h\d>", "", page
    )
    page.encode()


def test_fifty_features_by_thirty_windows_fit_the_budget() -> None:
    assert len(render(build.large()).encode()) < 250_000


def test_five_thousand_columns_are_capped_and_counted() -> None:
    result = build.large(features=120)
    many = replace(
        result, changes=tuple(replace(c, column=f"c{i}") for i in range(42) for c in result.changes)
    )
    page = render(many)
    assert f"{len(many.changes) - 100:,} more columns" in page
    assert len(page.encode()) < 500_000


def test_a_series_has_charts_and_no_empty_sections() -> None:
    page = render(build.series())
    assert page.count('class="chart small"') == page.count('class="chart slim"') == 2
    for absent in ("Every feature", "Where:", "changed beyond noise", "Labels"):
        assert absent not in page


def test_tables_behind_the_charts() -> None:
    page = render(build.declining())
    assert page.count("<details>") == 3
    assert page.count("<tr><td>1\u00a0Sep\u00a02026<") == 1
    assert all('tabindex="0"' in part for part in re.findall(r'<div class="scroll"[^>]*>', page))


def test_long_runs_cut_the_table_and_say_so() -> None:
    result = build.series()
    recorder = build.Recorder(build.days(500))
    recorder.add("accuracy", [0.9] * 500)
    page = render(replace(result, measurements=recorder.measurements(), alerts=()))
    assert "300 earlier windows are left out" in page


def test_the_style_cannot_close_its_element_and_reaches_only_wane() -> None:
    sheet = style()
    assert "</" not in sheet
    outside = re.sub(r"^\.wane \{.*?^\}\n", "", sheet, flags=re.DOTALL | re.MULTILINE)
    selectors = re.findall(r"([^{};]+)\{", re.sub(r"@media print \{", "", outside))
    assert selectors
    assert all(".wane" in part for selector in selectors for part in selector.split(","))


def test_events_stand_between_the_chart_and_what_changed() -> None:
    page = render(build.eventful())
    titles = ["since 9\u00a0Oct", "3 events beyond", "3 of 12 features changed", "<h2>All metrics"]
    places = [page.rindex(title) for title in titles[1:]]
    assert [page.index(titles[0]), *places] == sorted([page.index(titles[0]), *places])
    assert "Alerts of rules" not in page
    assert page.count("False alarms of this model: at most 1 per 90 days") == 2
    for said in ("0.931 → 0.882", "usual 0.917 to 0.944", "40 more series", "gradual change"):
        assert said in page
    assert "<details><summary>For information: 1 event</summary>" in page


def test_information_is_open_where_there_is_nothing_else() -> None:
    page = render(build.learning())
    assert "<details open><summary>For information: 1 event</summary>" in page
    assert "3 series with fewer than 14 usable windows (10 of 14 so far)" in page


def test_nothing_found_is_said_in_words() -> None:
    result = build.eventful()
    quiet = replace(result, alerts=(), found=replace(result.found, findings=()))
    page = render(quiet)
    assert "<h2>Nothing left its natural variation</h2>" in page
    assert "For information" not in page


@pytest.mark.parametrize("name", build.HOSTILE)
def test_hostile_names_of_events_are_text(name: str) -> None:
    result = build.eventful()
    key = SeriesKey("missing_share", name, f"{name}={name}")
    known = result.measurements.series[SeriesKey("missing_share", "payer_code")]
    series = {**result.measurements.series, key: replace(known, key=key)}
    measurements = replace(result.measurements, series=series)
    event = replace(build.DECLINED, key=key, also=(SeriesKey("psi", name),))
    found = replace(result.found, findings=(event,))
    reader = read(render(replace(result, measurements=measurements, found=found)))
    assert not {"script", "img"} & set(reader.tags)
