"""MATPOWER cases: hand cases for each element, and files that are broken."""

import pytest

import gridplan as gp
from gridplan.base.errors import StudyError

CASE = """\
function mpc = four
%FOUR  made up; a comment with mpc.bus = [ in it
mpc.version = '2';
mpc.baseMVA = 100;
%{
mpc.baseMVA = 7;
%}
%% bus_i type Pd Qd Gs Bs area Vm Va baseKV zone Vmax Vmin
mpc.bus = [
  1 3   0  0  0  0 1 1 0 220 1 1.1 0.9;
  2 1  90 30  0 19 1 1 0 220 1 1.1 0.9; % shunt
  3 2  60 20  5  0 1 1 0 110 ...
    1 1.1 0.9
  7 1  40 10  0  0 1 1 0 110 1 1.1 0.9
  9 4  10  2  0  0 1 1 0 110 1 1.1 0.9
];
mpc.gen = [
  1 0  0 300 -300 1.02 100 1 250 10;
  3 70 0 300 -300 1.01 100 1 Inf -Inf;
  3 20 0 300 -300 1.01 100 0 100 0;
  7 -5 1 300 -300 1.00 100 1 0 -30;
];
mpc.branch = [
  1 2 0.01  0.1  0.02 130 0 0 0    0  1 -360 360;
  1 2 0.01  0.1  0.02 130 0 0 0    0  1 -360 360;
  1 3 0     0.2  0      0 0 0 0.95 0  1 -360 360;
  2 3 0     0.25 0      0 0 0 1.02 -5 1 -360 360;
  3 7 0     0    0      0 0 0 0    0  1 -360 360;
  3 7 0.02  0.3  0     80 0 0 0    0  0 -360 360;
  7 9 0.02  0.3  0     80 0 0 0    0  1 -360 360;
];
mpc.gencost = [
  2 0 0 3 0.01 20 100 0 0 0;
  1 0 0 3 0 0 50 500 100 2000;
  2 0 0 2 30 0 0 0 0 0;
  2 0 0 1 5 0 0 0 0 0;
];
mpc.bus_name = {
  'North'; 'South'; 'Far north'; 'Coast'; 'Idle' };
mpc.dcline = [ 1 3 1 15 14 0 0 1 1 ];
"""


def case(tmp_path, text=CASE, name="four.m"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_case_by_hand(tmp_path):
    found = gp.import_network(case(tmp_path))
    network = found.network.c
    assert list(network.buses.static.index) == ["North", "South", "Far north"]
    lines, transformers = network.lines.static, network.transformers.static
    assert list(lines.index) == ["North - South", "North - South (2)"]
    assert lines["x"].tolist() == pytest.approx([0.1 * 220**2 / 100] * 2)
    assert lines["b"].tolist() == pytest.approx([0.02 * 100 / 220**2] * 2)
    assert lines["s_nom"].tolist() == [130, 130]
    assert transformers["tap_ratio"].tolist() == [0.95, 1.02]
    assert transformers["phase_shift"].tolist() == [0, -5]
    assert (transformers["s_nom"] * transformers["s_max_pu"]).tolist() == [float("inf")] * 2
    shunts = network.shunt_impedances.static
    assert (shunts["b"] * 220**2).tolist()[0] == pytest.approx(19)
    assert (shunts["g"] * 110**2).tolist()[1] == pytest.approx(5)
    generators = network.generators.static
    assert generators["control"].tolist() == ["Slack", "PV", "PQ", "PQ", "PQ"]
    assert generators["p_set"].tolist() == [0, 70, -5, -15, 14]
    # slopes: 2 c2 P + c1; the piece from 50 to 100 MW; constant
    assert generators["marginal_cost"].tolist()[:3] == pytest.approx([20, 30, 0])
    assert generators.iloc[2][["p_min_pu", "p_max_pu"]].tolist() == [-1, 0]
    said = "\n".join(found.notes)
    for words in ("isolated", "out of service", "one bus", "direct-current line 1",
                  "no rating stated"):  # fmt: skip
        assert words in said


def test_the_flows_follow_the_ratios_and_the_shift(tmp_path):
    network = gp.import_network(case(tmp_path)).network
    network.lpf()
    flow = network.c.transformers.dynamic.p0.iloc[0]
    angle = network.c.buses.dynamic.v_ang.iloc[0]
    ours = (angle["North"] - angle["Far north"]) / (0.2 * 0.95) * 100
    assert flow.iloc[0] == pytest.approx(ours)
    shifted = (angle["South"] - angle["Far north"] + 5 * 3.141592653589793 / 180) / (0.25 * 1.02)
    assert flow.iloc[1] == pytest.approx(100 * shifted)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("];\nmpc.gen = [", "\nmpc.gen = [", "line 9", "never closed"),
        ("  7 1  40 10  0  0 1 1 0 110 1 1.1 0.9\n", "  7 1 40\n", "line 14", "fewer than 13"),
        ("1 3 0     0.2 ", "1 33 0     0.2 ", "line 26", "unknown bus"),
        ("  2 1  90 30", "  1 1  90 30", "line 10", "stands twice"),
        ("mpc.baseMVA = 100;", "mpc.baseMVA = 0;", "", "not a number above 0"),
        ("mpc.baseMVA = 100;", "mpc.baseMVA = Sbase;", "line 4", "not written out"),
        ("mpc.bus_name", "mpc.branch(:, 3) = mpc.branch(:, 3) / 4;\nmpc.bus_name", "line 38",
         "computes mpc.branch"),
        ("0.1  0.02 130 0 0 0    0  1 -360 360;\n  1 3", "x12  0.02 130 0 0 0 0 1 -360 360;\n 1 3",
         "line 25", "no number"),
    ],
)  # fmt: skip
def test_broken_cases_say_where(tmp_path, old, new, place, message):
    assert old in CASE
    with pytest.raises(StudyError) as error:
        gp.import_network(case(tmp_path, CASE.replace(old, new, 1)))
    assert message in str(error.value)
    assert place in str(error.value)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.6])
def test_a_case_that_is_cut_off(tmp_path, share):
    with pytest.raises(StudyError, match=r"cut off|never closed|no rows|fewer"):
        gp.import_network(case(tmp_path, CASE[: int(len(CASE) * share)]))


@pytest.mark.parametrize("text", ["", "hello", "\x00\x01\x02" * 100, "mpc = 3;"])
def test_no_case_at_all(tmp_path, text):
    with pytest.raises(StudyError, match="not a MATPOWER case"):
        gp.import_network(case(tmp_path, text))


def test_standard_ratings_are_told(tmp_path):
    found = gp.import_network(case(tmp_path), ratings="standard")
    limits = found.network.c.transformers.static["s_nom"]
    assert limits.tolist() == pytest.approx([491.6, 491.6], abs=0.1)  # 1.29 kA at 220 kV
    assert (found.report["why"].str.contains("one circuit of 220 kV")).sum() == 2


def test_a_slack_that_is_too_small_is_widened(tmp_path):
    """190 MW of load and 5 of a shunt; the others give at most 75 + 0 − 15 + 14."""
    text = CASE.replace("100 1 250 10;", "100 1 50 10;").replace("100 1 Inf -Inf;", "100 1 75 0;")
    found = gp.import_network(case(tmp_path, text))
    slack = found.network.c.generators.static.iloc[0]
    assert slack["p_nom"] == pytest.approx(195 - 75 - 0 + 15 - 14)
    assert "do not cover the load" in "\n".join(found.notes)
    study = found.study()
    assert study.schedule_mw.sum(axis=1).iloc[0] == pytest.approx(0 + 70 - 5 - 15 + 14)
