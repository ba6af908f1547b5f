"""Results as files: all of them or none, and each says where it comes from."""

import os
from pathlib import Path

import pandas as pd
import pypsa
import pytest
import xarray as xr

from gridplan.check.witness import certify
from gridplan.exports import files
from gridplan.exports.files import whole_folder, write_plan


def write(folder, text, names=("a.csv", "b.csv")):
    with whole_folder(folder) as draft:
        for name in names:
            (draft / name).write_text(text, encoding="utf-8")


def texts(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_files_are_replaced_and_others_stay(tmp_path):
    write(tmp_path, "old", ("a.csv", "mine.txt"))
    write(tmp_path, "new")
    assert texts(tmp_path) == {"a.csv": "new", "b.csv": "new", "mine.txt": "old"}


def test_a_file_that_excel_holds_stops_everything_and_is_named(tmp_path, monkeypatch):
    write(tmp_path, "old")
    opened = Path.open

    def locked(self, mode="r", *args, **kwargs):
        if self == tmp_path / "b.csv" and "r" not in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, mode, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", locked)
        with pytest.raises(PermissionError, match=r"in use.*b\.csv"):
            write(tmp_path, "new")
    assert texts(tmp_path) == {"a.csv": "old", "b.csv": "old"}


def test_a_file_that_must_not_be_renamed_stops_everything(tmp_path, monkeypatch):
    write(tmp_path, "old")
    replace = os.replace

    def locked(source, target):
        if tmp_path / "b.csv" in (source, target):
            raise PermissionError(13, "Access is denied", str(source), 5, str(target))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", locked)
        with pytest.raises(PermissionError, match=r"in use") as caught:
            write(tmp_path, "new")
    assert caught.value.filename == str(tmp_path / "b.csv")
    assert texts(tmp_path) == {"a.csv": "old", "b.csv": "old"}


def break_off(folder, failure):
    with whole_folder(folder) as draft:
        (draft / "a.csv").write_text("half", encoding="utf-8")
        raise failure


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_a_broken_run_leaves_no_folder(tmp_path, failure):
    with pytest.raises(failure):
        break_off(tmp_path / "new" / "results", failure)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_there_stays(tmp_path):
    with pytest.raises(ValueError, match=r"^$"):
        break_off(tmp_path, ValueError)
    assert not list(tmp_path.iterdir())


def test_results_say_where_they_come_from(result, certificate, tmp_path):
    result.network.meta = {"mine": 1}
    write_plan(result, certificate, tmp_path)
    assert result.network.meta == {"mine": 1}
    meta = pypsa.Network(tmp_path / "plan_network.nc").meta
    assert meta["mine"] == 1
    for name in ("base_case.nc", "certificate.nc"):
        with xr.open_dataset(tmp_path / name) as back:
            assert back.attrs["study_sha256"] == meta["study_sha256"] == result.study.hash
            assert back.attrs["gridplan_version"] == meta["gridplan_version"]
            assert back.attrs["stage"] == meta["stage"] == "grid as stored"
    assert (tmp_path / "breaches.csv").exists()
    assert (tmp_path / "last_resort.csv").exists()


def test_the_stage_is_in_every_file_and_listed(reinforced, tmp_path):
    write_plan(reinforced, certify(reinforced, samples=1), tmp_path)
    stage = "grid of 2030: Tykkere linje; Fjordkryssing; Ny transformator"
    assert pypsa.Network(tmp_path / "plan_network.nc").meta["stage"] == stage
    for name in ("base_case.nc", "certificate.nc"):
        with xr.open_dataset(tmp_path / name) as back:
            assert back.attrs["stage"] == stage
    table = pd.read_csv(tmp_path / "reinforcements.csv", index_col="name", encoding="utf-8-sig")
    assert table["in_service"].to_dict() == {
        "Tykkere linje": True,
        "Idé": False,
        "Fjordkryssing": True,
        "Ny transformator": True,
    }
    assert table.loc["Fjordkryssing", ["year", "status"]].tolist() == [2028, "licensed"]
