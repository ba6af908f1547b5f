"""The runs as a Dataset: dimensions of a matrix, one dimension for anything else."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridplan as gp
from gridplan.base.errors import GridplanError
from tests.batch.made import matrix, record, runs_of
from tests.batch.test_run_batch import SCENARIOS, run


def told(grid_year, inflow, growth):
    mw = grid_year - 2000 + 100 * growth["all"] + (inflow == "wet")
    return {"Quay": grid_year == 2030, "Mill": True}, {"mw": mw, "measures": 2.0}


def made():
    growths = [{"all": 1.25}, {"all": 1.0}]
    return matrix(told, grid_year=[2030, 2025], inflow=["wet", "dry"], growth=growths)


def test_a_full_matrix_has_a_dimension_per_change():
    found = runs_of(*made()).dataset
    assert dict(found.sizes) == {"grid_year": 2, "inflow": 2, "growth_all": 2, "project": 2}
    assert found.indexes["grid_year"].tolist() == [2025, 2030]
    assert found.indexes["inflow"].tolist() == ["dry", "wet"]
    assert found.indexes["growth_all"].tolist() == [1.0, 1.25]
    for year in (2025, 2030):
        for inflow in ("dry", "wet"):
            for growth in (1.0, 1.25):
                one = found.sel(grid_year=year, inflow=inflow, growth_all=growth)
                assert one["mw"] == year - 2000 + 100 * growth + (inflow == "wet")
                assert one["chosen"].sel(project="Quay").item() is (year == 2030)
                name = f"grid_year={year}, inflow={inflow}, growth={{'all': {growth}}}"
                assert one["scenario"] == name
    assert found["mw"].attrs["units"] == "MW"
    assert found["chosen"].dtype == bool
    assert (found["outcome"] == "done").all()


def test_a_list_or_a_gap_in_the_matrix_leaves_one_dimension():
    records = made()
    found = runs_of(*records[1:]).dataset
    assert found["mw"].dims == ("scenario",)
    assert found["grid_year"].dims == ("scenario",)
    besides = record("No quay", {"without_projects": ["Quay"]}, {"Mill": True}, mw=3.0)
    failed = record("Broken", {"grid_year": 2025}, outcome="failed")
    found = runs_of(*records, besides, failed, waiting=["Later"]).dataset
    assert found["mw"].dims == ("scenario",)
    one = found.sel(scenario="No quay")
    assert (one["mw"], one["without_projects"], one["inflow"]) == (3.0, "Quay", "as in the study")
    assert not one["offered"].sel(project="Quay")
    broken = found.sel(scenario="Broken")
    assert np.isnan(broken["mw"])
    assert broken["outcome"] == "failed"
    assert not broken["chosen"].any()
    assert found.attrs["waiting"] == "1"


def test_a_change_with_the_name_of_a_figure_keeps_apart():
    def chosen(measures, inflow):
        return {"Mill": measures}, {"measures": 2.0 * measures, "mw": len(inflow)}

    found = runs_of(*matrix(chosen, measures=[True, False], inflow=["dry", "median"])).dataset
    assert set(found.sizes) == {"change_measures", "inflow", "project"}
    assert found["measures"].sel(change_measures="true", inflow="dry") == 2.0


def test_equal_runs_are_equal_datasets_and_a_file_holds_them(tmp_path):
    first = runs_of(*made()).dataset
    xr.testing.assert_identical(first, runs_of(*reversed(made())).dataset)
    first.to_netcdf(tmp_path / "runs.nc")
    with xr.open_dataset(tmp_path / "runs.nc") as again:
        xr.testing.assert_equal(again.load(), first)


def test_tables_of_a_batch_are_opened_lazily(batch, monkeypatch):
    batch.write(SCENARIOS.replace("scenarios:", "#").replace("  - {name", "#"))
    runs, _ = run(batch)
    assert runs.dataset["mw"].dims == ("inflow", "change_measures")
    table = gp.open_runs(batch.out).open_table("projects")
    assert table["mw"].dims == ("inflow", "change_measures", "project")
    assert table["mw"].chunks is not None
    for record_ in runs.records:
        own = pd.read_csv(batch.out / record_.digest / "projects.csv", index_col=0)
        where = {"inflow": record_.changes["inflow"]}
        where["change_measures"] = str(record_.changes["measures"]).lower()
        one = table.sel(where).sel(project=own.index.to_numpy(str)).compute()
        assert one["mw"].to_numpy() == pytest.approx(own["mw"].to_numpy())
        assert (one["chosen"].to_numpy() == own["chosen"].to_numpy()).all()
        assert one["bus"].to_numpy().tolist() == own["bus"].tolist()
    with pytest.raises(ValueError, match="no table 'binding'"):
        runs.open_table("binding")
    monkeypatch.setitem(__import__("sys").modules, "dask", None)
    with pytest.raises(GridplanError, match="cluster"):
        runs.open_table("projects")
