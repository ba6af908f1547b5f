"""Exit codes and messages, in one process."""

import pytest

from gridplan import cli
from gridplan.base.errors import InfeasiblePlanError, Problem, SolverError, StudyError


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["gridplan", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return stopped.value.code


@pytest.mark.parametrize("arguments", [["study"], ["study", "trondelag", "--nope"], ["nope"]])
def test_wrong_arguments_are_bad_input(monkeypatch, arguments):
    assert run(monkeypatch, *arguments) == 1


def test_versions_need_no_command(monkeypatch, capsys):
    assert not run(monkeypatch, "--version")
    assert capsys.readouterr().out.startswith("gridplan")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StudyError([Problem("a.csv", "line 2", "mw", "x", "not a number", "Write a number.")]), 1),
        (InfeasiblePlanError("no choice"), 2),
        (SolverError("no optimum"), 4),
    ],
)
def test_errors_have_codes_and_no_traceback(monkeypatch, capsys, error, code):
    def fail(_study, **_other):
        raise error

    monkeypatch.setattr("gridplan.study.reading.find_study", fail)
    assert run(monkeypatch, "check", "anything") == code
    shown = capsys.readouterr().err
    assert str(error).splitlines()[-1].strip() in shown
    assert "Traceback" not in shown


def test_debug_shows_the_traceback(monkeypatch):
    failure = SolverError("no optimum")

    def fail(_study, **_other):
        raise failure

    monkeypatch.setattr("gridplan.study.reading.find_study", fail)
    monkeypatch.setattr("sys.argv", ["gridplan", "check", "anything", "--debug"])
    with pytest.raises(SolverError):
        cli.main()


def test_a_fault_of_our_own_is_told_in_two_lines(monkeypatch, capsys):
    failure = KeyError("snapshot")

    def fail(_study, **_other):
        raise failure

    monkeypatch.setattr("gridplan.study.reading.find_study", fail)
    assert run(monkeypatch, "check", "anything") == 5
    shown = capsys.readouterr().err
    assert "KeyError" in shown
    assert "--debug" in shown
    assert "Traceback" not in shown


def test_help_shows_an_example(monkeypatch, capsys):
    assert run(monkeypatch, "study", "--help") == 0
    assert "gridplan study trondelag" in capsys.readouterr().out


def test_an_impossible_year_is_told(monkeypatch, capsys, tmp_path):
    for option in ("--year", "--grid-year"):
        arguments = ("study", "trondelag", option, "1200", "--out", str(tmp_path / "results"))
        assert run(monkeypatch, *arguments) == 1
        shown = capsys.readouterr().err
        assert "year" in shown
        assert "1200" in shown
