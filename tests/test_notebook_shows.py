"""What a notebook shows of a study, capacities, a plan, a certificate and an error."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import gridplan as gp
from gridplan.study.settings import CountyGoal, Settings
from tests.networks_by_hand import plain_study, triangle

GOAL = CountyGoal(
    name="Arbeidsplasser",
    name_en="Jobs",
    quantity="jobs",
    baseline=100.0,
    baseline_year=2020,
    target_year=2030,
    target=300.0,
    source="made up",
)


@pytest.fixture(scope="module")
def studies():
    offered = {"Quay <1>": {"bus": "C", "mw": 20.0, "jobs": 50.0, "value_mnok_per_yr": 1.0}}
    return {
        language: plain_study(triangle(), offered, language=language, county_goals=(GOAL,))
        for language in ("en", "nb")
    }


def test_a_study(studies):
    shown = studies["en"]._repr_html_()
    assert "Grid as stored in the study" in shown
    assert '<th scope="row"' in shown
    assert ">Buses</th>" in shown
    assert ">1, 20 MW together</td>" in shown
    assert ">Samleskinner</th>" in studies["nb"]._repr_html_()


def test_synthetic_lines_are_told():
    shown = gp.open_study("trondelag")._repr_html_()
    assert "syntetiske: ikke det virkelige nettet" in shown


def test_capacities_and_a_part_of_them(studies):
    capacity = gp.hosting_capacity(studies["nb"])
    shown = capacity._repr_html_()
    assert "ledig kapasitet" in shown
    assert ">C</th>" in shown
    assert f">{capacity['capacity_mw'].sel(bus='C', flexibility=0.0).item():.0f}</td>" in shown
    part = capacity.isel(bus=0)
    assert type(part) is type(capacity)
    assert "ledig kapasitet" not in part._repr_html_()  # xarray shows what is left
    assert "xarray" in part._repr_html_()


def test_many_buses_are_counted_not_listed():
    study = gp.open_study("trondelag")
    hours = study.network.snapshots[:2]
    buses = list(study.network.c.buses.static.index[:30])
    shown = gp.hosting_capacity(study.at(hours), buses=buses)._repr_html_()
    assert "… 14 til" in shown
    assert shown.count("<tr>") == 1 + 8 + 1 + 8


def test_a_plan_with_goals_and_its_certificate(studies):
    plan = gp.plan(studies["nb"])
    shown = plan._repr_html_()
    assert "Arbeidsplasser, antall" in shown
    assert ">25 %</td>" in shown
    certificate = gp.certify(plan)._repr_html_()
    assert "Sertifikat: sikkert i hver time" in certificate
    english = gp.certify(gp.plan(studies["en"]))._repr_html_()
    assert "Certificate: secure in every hour" in english
    assert "Certificate: secure" in gp.certify(plan.network)._repr_html_()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ('gp.open_study("no-such-region")', "StudyError: 1 problem in the study"),
        ("raise InfeasiblePlanError('no plan reaches 3,000 jobs')", "no plan reaches 3,000 jobs"),
    ],
)
def test_wrong_input_is_told_in_short(capsys, code, told):
    shell = InteractiveShell.instance()
    shell.run_cell("import gridplan as gp\nfrom gridplan.base.errors import InfeasiblePlanError")
    capsys.readouterr()
    result = shell.run_cell(code)
    assert result.error_in_exec is not None
    caught = capsys.readouterr()
    shown = caught.out + caught.err
    assert told in shown
    assert "Traceback" not in shown
    assert "gridplan/study" not in shown


def test_names_cannot_inject_markup():
    study = gp.Study(network=triangle(), settings=Settings(title="<script>alert(1)</script>"))
    assert "<script>" not in study._repr_html_()
