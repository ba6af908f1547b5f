"""A study folder of three buses whose files a test can spoil one at a time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

HOURS = pd.date_range("2019-01-01", periods=24, freq="h")
PROVENANCE = {"source": "made up", "basis": "synthetic"}

FILES = {
    "study.yaml": """\
name: tiny
title: Three buses
network: grid
profiles: hours.nc
sectors: sectors.nc
inflow: median
hydro_flexibility_pu: 0.2
year: 2030
weights: {co2_mnok_per_kt: 2.0, jobs_mnok_per_job: 0.5}
unsecured: [Upper T1]
""",
    "grid/buses.csv": """\
name,v_nom,x,y,station,in_county,basis,source
Upper 132,132,10.0,63.0,Upper,True,synthetic,made up
Upper 66,66,10.0,63.0,Upper,True,synthetic,made up
Lower 66,66,10.5,63.2,Lower,False,synthetic,made up
""",
    "grid/lines.csv": """\
name,bus0,bus1,length,r,x,s_nom,basis,source
Upper-Lower 1,Upper 66,Lower 66,20.0,2.0,8.0,60,synthetic,made up
Upper-Lower 2,Upper 66,Lower 66,20.0,2.0,8.0,60,synthetic,made up
""",
    "grid/transformers.csv": """\
name,bus0,bus1,model,x,r,s_nom,basis,source
Upper T1,Upper 132,Upper 66,t,0.12,0.005,100,synthetic,made up
""",
    "grid/generators.csv": """\
name,bus,carrier,p_nom,storage,schedule_share,schedule_mw,import_mw,export_mw,basis,source
Falls,Lower 66,hydro,20,True,0,0,0,0,synthetic,made up
Stream,Lower 66,hydro,10,False,0,0,0,0,synthetic,made up
Ridge,Upper 66,wind,30,False,0,0,0,0,synthetic,made up
East,Upper 132,border,100,False,0.75,10,30,100,synthetic,made up
West,Upper 132,border,200,False,0.25,0,200,200,synthetic,made up
""",
    "grid/loads.csv": """\
name,bus,municipality,annual_gwh,peak_mw,basis,source
Town,Upper 66,Upper,300,60,synthetic,made up
Village,Lower 66,Lower,50,15,synthetic,made up
""",
    "grid/carriers.csv": "name,color\nAC,black\n",
    "projects.csv": """\
name,municipality,site,bus,mw,profile,year,status,queue_date,wanted_connection,sector,co2_t_per_yr,\
jobs,export_mnok_per_yr,lon,lat,basis,mw_basis,benefit_basis,source
Quay,Lower,Quay 1,Lower 66,12.5,flat,2027,queue,2024-05-01,,harbour,1000,5,0,10.5,63.2,register,\
published,published,made up
Smelter,Upper,,Upper 66,40,day,2029,candidate,,,metal,20000,80,300,,,assumption,published,\
assumption,made up
Shop,Upper,,Upper 66,0.5,day,2026,reserved,,,trade,0,2,0,,,register,published,assumption,made up
""",
    "measures.csv": """\
name,kind,buses,branch,mw,rating_pu,profile,units_max,cost_mnok,lifetime_yr,description,basis,source
Heat pumps,load,Upper 66: 0.6; Lower 66: 0.4,,2.0,0,day,3,15,15,,assumption,made up
Warm line,rating,,Upper-Lower 1,0,0.25,,1,4.5,40,,assumption,made up
""",
    "symbioses.csv": """\
name,partners,existing_partners,carrier,buses,mw,profile,cost_mnok,lifetime_yr,co2_t_per_yr,\
description,basis,source
Smelter heat,Quay; Smelter,,waste heat,Upper 66: 0.3; Lower 66: 0.7,2.5,day,20,25,300,dries fish,\
assumption,made up
Mill oxygen,Quay,Old mill,oxygen,,0,,3,20,400,,assumption,made up
""",
    "outages.csv": "name,branches,basis,source\n",
    "reinforcements.csv": """\
name,year,status,cost_mnok,action,branch,bus0,bus1,length,r,x,b,s_nom,v_nom,lon,lat,basis,source,\
cost_source
Third circuit,2028,planned,60,add line,Upper-Lower 3,Upper 66,Lower 66,20,2,8,,60,,,,assumption,\
made up,made up
New station,2031,on hold,200,add bus,,Shore 132,,,,,,,132,10.6,63.3,assumption,made up,made up
New station,2031,on hold,,add line,Upper-Shore,Upper 132,Shore 132,30,3,12,,150,,,,assumption,\
made up,
Heavier line,2027,licensed,30,rate,Upper-Lower 1,,,,,,,75,,,,assumption,made up,made up
Demolition,2029,idea,1,remove,Upper-Lower 1,,,,,,,,,,,assumption,made up,made up
""",
}


class Folder:
    """A study folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.write(hours(), "hours.nc")
        self.write(sectors(), "sectors.nc")

    def replace(self, file: str, old: str, new: str) -> None:
        """Change the first occurrence of a text, which must be there."""
        text = (self.path / file).read_text(encoding="utf-8")
        assert old in text
        (self.path / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, data: xr.Dataset, file: str) -> None:
        data.to_netcdf(self.path / file, engine="netcdf4")


def hours() -> xr.Dataset:
    """Hourly series: two loads, a wind farm at full output from noon, hydro in three years."""
    day = np.arange(24)
    load = np.stack([40 + 20 * (day >= 8), np.full(24, 15.0)], axis=1)
    hydro = np.stack([np.full(24, 10.0), np.full(24, 4.0)], axis=1)
    dims = ("snapshot", "load"), ("snapshot", "wind"), ("inflow", "snapshot", "hydro")
    return xr.Dataset(
        {
            "load_mw": (dims[0], load.astype("float32"), {"units": "MW", **PROVENANCE}),
            "wind_pu": (dims[1], (day[:, None] >= 12) * 1.0, {"units": "1", **PROVENANCE}),
            "hydro_mw": (dims[2], np.stack([hydro / 2, hydro, hydro * 2]), {"units": "MW"}),
        },
        coords={
            "snapshot": HOURS,
            "load": ["Town", "Village"],
            "wind": ["Ridge"],
            "hydro": ["Stream", "Falls"],
            "inflow": ["dry", "median", "wet"],
        },
    )


def sectors() -> xr.Dataset:
    """Shapes: flat, and a day."""
    shapes = np.stack([np.ones(24), np.where(np.arange(24) < 8, 0.5, 1.0)], axis=1)
    return xr.Dataset(
        {"profile_pu": (("snapshot", "profile"), shapes, {"units": "1"})},
        coords={"snapshot": HOURS, "profile": ["flat", "day"]},
    )


def sector_shapes() -> xr.DataArray:
    """What a GWh draws: homes 0.1 MW, and 0.2 MW from 8; industry 0.1 MW."""
    shapes = np.stack([np.where(np.arange(24) < 8, 0.1, 0.2), np.full(24, 0.1)], axis=1)
    coords = {"snapshot": HOURS, "sector": ["homes", "industry"]}
    return xr.DataArray(shapes, coords, ("snapshot", "sector"), attrs={"units": "MW/GWh"})


def know_sectors(folder: Folder, shapes: xr.DataArray | None = None) -> None:
    """Give loads their sectors.

    Of Town's 40 MW 30 are homes, from 8 on all of its 60 MW. Of Village's 15 MW 5 are industry and
    5 homes, from 8 on 10.
    """
    columns = "annual_gwh_homes,annual_gwh_industry,"
    folder.replace("grid/loads.csv", "basis,source", f"{columns}basis,source")
    folder.replace("grid/loads.csv", "300,60,", "300,60,300,,")
    folder.replace("grid/loads.csv", "50,15,", "50,15,50,50,")
    shapes = sector_shapes() if shapes is None else shapes
    folder.write(sectors().assign(sector_mw_per_gwh=shapes), "sectors.nc")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)
