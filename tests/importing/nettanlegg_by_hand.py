"""A made-up map with the published fields of NVE's Nettanlegg: all names and lines are invented.

Around Trondheim in metres of UTM 33 (EPSG:25833), as NVE's own service has it:

    West 300 ======= Hub (300, 132, 66) ======= East 300 (two circuits)
                      |  132 overhead + sea cable + overhead (three pieces, 12 m apart at a joint)
                      +---------------------- North 132 (and 66)
                      |  132 with a T-junction to Mill
    Hub 66 -- South 66 -- (passes) Quay 66 -- North 66
"""

import geopandas as gpd
from shapely import LineString, Point

EAST, NORTH = 270_000.0, 7_040_000.0
CRS = "EPSG:25833"
STATIONS = {
    "West": (-40_000, 0, 300), "Hub": (0, 0, 300), "East": (30_000, 0, 300),
    "North": (0, 24_000, 132), "Mill": (9_000, 12_000, 132), "South": (12_000, -9_000, 66),
    "Quay": (16_000, 2_000, 66), "Lonely": (80_000, 80_000, 66),
}  # fmt: skip
LINES = [
    # lokalID, spenning_kV, objektType, navn, points (the ends lie up to 180 m from the stations)
    ("a1", 300, "EL_Luftlinje", "West - Hub", [(-40_000, 100), (-20_000, 900), (-120, 0)]),
    ("a2", 300, "EL_Luftlinje", "Hub - East 1", [(90, 30), (30_000, 60)]),
    ("a3", 300, "EL_Luftlinje", "Hub - East 2", [(90, 70), (30_000, 100)]),
    ("b1", 132, "EL_Luftlinje", "", [(0, 150), (0, 9_000)]),
    ("b2", 132, "EL_Sjøkabel", "", [(0, 9_000), (0, 15_000)]),
    ("b3", 132, "EL_Luftlinje", "", [(0, 15_012), (0, 23_900)]),
    ("c1", 132, "EL_Luftlinje", "Hub - North", [(60, 150), (4_000, 12_000), (60, 23_900)]),
    ("c2", 132, "EL_Luftlinje", "Mill", [(4_020, 12_000), (9_000, 12_050)]),
    ("d1", 66, "EL_Luftlinje", "Hub - South", [(100, -50), (12_000, -8_900)]),
    ("d2", 66, "EL_Luftlinje", "South - North", [(12_050, -9_000), (16_010, 2_000), (0, 24_100)]),
    # what does not fit
    ("x1", 66, "EL_Luftlinje", "to nowhere", [(12_000, -9_050), (12_000, -15_000)]),
    ("x2", 132, "EL_Luftlinje", "apart", [(60_000, 60_000), (70_000, 60_000)]),
    ("x3", None, "EL_Luftlinje", "no voltage", [(0, 0), (5_000, 5_000)]),
    ("d1", 66, "EL_Luftlinje", "Hub - South", [(100, -50), (12_000, -8_900)]),  # drawn twice
    ("x5", 66, "EL_Luftlinje", "within Hub", [(100, -50), (-80, 60)]),
    ("x6", 22, "EL_Luftlinje", "local", [(0, 0), (2_000, 2_000)]),
    ("e1", 420, "EL_Luftlinje", "leaves the map", [(-39_950, 50), (-90_000, 0)]),
]  # fmt: skip


def lines(crs=CRS):
    """The lines as NVE's layers have them."""
    rows = [
        {"lokalID": name, "spenning_kV": kv, "objektType": kind, "navn": title,
         "eier": "OPPDIKTET NETT AS", "nveNettnivaa": 1 if (kv or 0) > 200 else 2,
         "driftsattaar": 1970,
         "geometry": LineString([(EAST + x, NORTH + y) for x, y in points])}
        for name, kv, kind, title, points in LINES
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=CRS).to_crs(crs)


def stations(crs=CRS):
    """The stations, and a mast that is none."""
    rows = [
        {"lokalID": f"s{number}", "spenning_kV": kv, "objektType": "EL_Transformatorstasjon",
         "navn": name, "eier": "OPPDIKTET NETT AS", "geometry": Point(EAST + x, NORTH + y)}
        for number, (name, (x, y, kv)) in enumerate(STATIONS.items())
    ]  # fmt: skip
    mast = {
        "lokalID": "m1",
        "objektType": "EL_Mast",
        "navn": "mast",
        "geometry": Point(EAST, NORTH),
    }
    return gpd.GeoDataFrame([*rows, mast], crs=CRS).to_crs(crs)


def geopackage(path):
    """Write both layers into one file."""
    lines().to_file(path, layer="Kraftlinje", driver="GPKG")
    stations().to_file(path, layer="Transformatorstasjon", driver="GPKG")
    return path
