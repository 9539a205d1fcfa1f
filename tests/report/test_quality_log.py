from dataclasses import replace

from report import build_result as build
from wane.report.quality_log import constant_columns, faults, worst_of


def test_only_what_is_not_zero_is_listed_worst_first() -> None:
    found = faults(build.declining())
    assert [(fault.column, fault.word) for fault in found] == [
        ("balance", "missing"),
        ("payer_code", "missing"),
        ("device", "unseen"),
    ]
    assert found[0].windows == 1
    assert found[1].windows == 17


def test_worst_is_none_when_nothing_was_checked() -> None:
    assert worst_of(build.by_rows()) is None
    assert constant_columns(build.declining()) == ()


def test_constant_columns_are_named() -> None:
    recorder = build.Recorder(build.days(2))
    recorder.add("constant", [0.0, 1.0], column="stuck")
    result = build.declining()
    assert constant_columns(replace(result, measurements=recorder.measurements())) == ("stuck",)


def test_a_label_that_is_not_there_yet_is_no_fault() -> None:
    result = build.declining()
    recorder = build.Recorder(build.days(2))
    recorder.add("missing_share", [0.1, 0.9], column="repaid")
    assert faults(replace(result, measurements=recorder.measurements())) == ()
