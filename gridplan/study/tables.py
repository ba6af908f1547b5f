"""The tables of a study, as data: every column with its type, unit, bounds and meaning.

Everything that reads, checks or documents a table starts from here. "Required" means that a file
must have the column and fill it; a table passed in memory may leave out what has a default.
"""

from __future__ import annotations

from gridplan.study.choices import MEASURES, PROJECTS, SYMBIOSES
from gridplan.study.schema import (
    BASIS,
    LATITUDE,
    LONGITUDE,
    PROVENANCE,
    Column,
    Table,
    energy,
    money,
    number,
    optional_text,
    power,
    text,
)

__all__ = [
    "BASIS",
    "BUSES",
    "CARRIERS",
    "CHANGES",
    "GENERATORS",
    "GRID_TABLES",
    "LINES",
    "LOADS",
    "MEASURES",
    "PROJECTS",
    "REINFORCEMENTS",
    "SECTOR_ENERGY",
    "STATUSES",
    "SYMBIOSES",
    "TABLES",
    "TRANSFORMERS",
    "names_in",
    "shares_of",
]

_MUNICIPALITY = optional_text("municipality", "municipality, empty outside the county")
_ENDS = (text("bus0", "bus at one end"), text("bus1", "bus at the other end"))
_BRANCH = (
    power("s_nom", "MVA", "rating", above=0),
    number(
        "s_max_pu",
        "per unit",
        "usable part of s_nom",
        default=1.0,
        required=False,
        above=0,
        maximum=2,
    ),
    number(
        "emergency_factor",
        "per unit",
        "what it may carry after an outage, per unit of its rating; "
        "empty: 1, for transformers the setting transformer_emergency_factor",
        default=float("nan"),
        required=False,
        minimum=1,
        maximum=2,
        hint="Is this per cent? Then divide by 100.",
    ),
    optional_text("rating_source", "where the rating comes from"),
    *PROVENANCE,
)

STATUSES = ("under construction", "licensed", "planned", "on hold", "idea")  # the surest first
CHANGES = {  # action: columns that it needs, and further ones that it may fill
    "add bus": (("bus0", "v_nom", "lon", "lat"), ("municipality",)),
    "add line": (("branch", "bus0", "bus1", "r", "x", "s_nom"), ("length", "b", "geometry")),
    "add transformer": (("branch", "bus0", "bus1", "r", "x", "s_nom"), ()),
    "remove": (("branch",), ()),
    "remove bus": (("bus0",), ()),
    "rate": (("branch", "s_nom"), ("r", "x", "b")),
}
_UNSAID = {"default": float("nan"), "blank": True}

REINFORCEMENTS = Table(
    "reinforcements",
    "change",
    (
        text("name", "name of the reinforcement; its rows are the changes it makes"),
        Column("year", "integer", "year of coming into service", minimum=2000, maximum=2100),
        text("status", "how sure it is; on hold and idea never count by year", choices=STATUSES),
        money(
            "cost_mnok", "MNOK", "investment of the whole, on its first row", minimum=0, **_UNSAID
        ),
        text("action", "what is changed", choices=tuple(CHANGES)),
        text("branch", "line or transformer that is changed", default="", blank=True),
        text("bus0", "bus at one end, or the bus itself", default="", blank=True),
        text("bus1", "bus at the other end", default="", blank=True),
        number("length", "km", "length of a line", minimum=0, maximum=2_000, **_UNSAID),
        number("r", "ohm; transformer: per unit", "resistance", above=0, **_UNSAID),
        number("x", "ohm; transformer: per unit", "reactance", above=0, **_UNSAID),
        number("b", "S", "susceptance of a line", minimum=0, **_UNSAID),
        power("s_nom", "MVA", "rating", above=0, **_UNSAID),
        number("v_nom", "kV", "nominal voltage of a bus", above=0, maximum=1_500, **_UNSAID),
        number("lon", "degrees", "longitude of a bus", **_UNSAID, **LONGITUDE),
        number("lat", "degrees", "latitude of a bus", **_UNSAID, **LATITUDE),
        _MUNICIPALITY,
        optional_text("geometry", "path as WKT LINESTRING (lon lat), empty: straight"),
        *PROVENANCE,
        text("cost_source", "where the cost comes from, on the first row", default="", blank=True),
    ),
    unique=False,
)

OUTAGES = Table(
    "outages",
    "outage",
    (
        text("name", "unique name, not that of a branch"),
        text("branches", 'what one fault takes out together: "branch; branch"'),
        *PROVENANCE,
    ),
)

BUSES = Table(
    "buses",
    "bus",
    (
        text("name", "unique name"),
        number(
            "v_nom",
            "kV",
            "nominal voltage",
            above=0,
            maximum=1_500,
            hint="Is this V? Then divide by 1,000.",
        ),
        number("x", "degrees", "longitude", **LONGITUDE),
        number("y", "degrees", "latitude", **LATITUDE),
        text("carrier", "kind of current", default="AC", required=False, choices=("AC",)),
        optional_text("station", "station that the bus belongs to"),
        _MUNICIPALITY,
        Column(
            "in_county", "boolean", "whether it lies in the county", default=True, required=False
        ),
        *PROVENANCE,
    ),
    folder="grid",
    filled=True,
)

LINES = Table(
    "lines",
    "line",
    (
        text("name", "unique among lines and transformers"),
        *_ENDS,
        number(
            "length",
            "km",
            "length",
            default=0.0,
            required=False,
            minimum=0,
            maximum=2_000,
            hint="Is this m? Then divide by 1,000.",
        ),
        number("r", "ohm", "resistance of the whole line", above=0),
        number("x", "ohm", "reactance of the whole line", above=0),
        number("b", "S", "susceptance of the whole line", default=0.0, required=False),
        number("g", "S", "conductance of the whole line", default=0.0, required=False),
        text("carrier", "kind of current", default="AC", required=False, choices=("AC",)),
        optional_text("geometry", "path as WKT LINESTRING (lon lat), empty: straight"),
        *_BRANCH,
    ),
    folder="grid",
)

TRANSFORMERS = Table(
    "transformers",
    "transformer",
    (
        text("name", "unique among lines and transformers"),
        *_ENDS,
        text("model", "equivalent circuit", default="t", required=False, choices=("t", "pi")),
        number("r", "per unit", "resistance, per unit of its own s_nom", above=0),
        number("x", "per unit", "reactance, per unit of its own s_nom", above=0, maximum=5),
        number("b", "per unit", "susceptance", default=0.0, required=False),
        number("g", "per unit", "conductance", default=0.0, required=False),
        number("tap_ratio", "per unit", "tap", default=1.0, required=False, above=0, maximum=2),
        number("phase_shift", "degrees", "phase shift", default=0.0, required=False),
        *_BRANCH,
    ),
    folder="grid",
)

GENERATORS = Table(
    "generators",
    "generator",
    (
        text("name", "unique name"),
        text("bus", "bus it feeds"),
        text("carrier", "kind of source", choices=("hydro", "wind", "border")),
        power("p_nom", "MW", "installed power; border: the larger of both limits", above=0),
        Column(
            "storage",
            "boolean",
            "hydro: whether it may leave its schedule",
            default=False,
            required=False,
        ),
        number(
            "schedule_share",
            "per unit",
            "border: share of the residual balance",
            default=0.0,
            required=False,
            minimum=0,
            maximum=1,
            hint="Shares are per unit and sum to 1 over the borders of an island.",
        ),
        power(
            "schedule_mw",
            "MW",
            "border: constant part of the scheduled import",
            default=0.0,
            required=False,
            minimum=-10_000,
        ),
        power("import_mw", "MW", "border: import limit", default=0.0, required=False, minimum=0),
        power("export_mw", "MW", "border: export limit", default=0.0, required=False, minimum=0),
        energy("annual_gwh", "mean generation of a year"),
        _MUNICIPALITY,
        *PROVENANCE,
    ),
    folder="grid",
    filled=True,
)

SECTOR_ENERGY = "annual_gwh_"  # and the name of a sector

LOADS = Table(
    "loads",
    "load",
    (
        text("name", "unique name"),
        text("bus", "bus that feeds it"),
        _MUNICIPALITY,
        energy("annual_gwh", "energy of a year"),
        power("peak_mw", "MW", "highest hour", default=0.0, required=False, minimum=0),
        *PROVENANCE,
    ),
    folder="grid",
    filled=True,
    family=energy(
        SECTOR_ENERGY,
        "energy of a year that belongs to a sector, which the rest of the name names; its hours "
        "are those of sector_mw_per_gwh in the sectors file (gridplan/study/sector_load.py)",
    ),
)

CARRIERS = Table(
    "carriers",
    "carrier",
    (
        text("name", "unique name"),
        optional_text("nice_name", "name for people"),
        optional_text("color", "colour on charts"),
        number("co2_emissions", "t/MWh", "emissions", default=0.0, required=False, minimum=0),
    ),
    folder="grid",
)

GRID_TABLES = (BUSES, LINES, TRANSFORMERS, GENERATORS, LOADS, CARRIERS)
TABLES = (*GRID_TABLES, PROJECTS, MEASURES, SYMBIOSES, REINFORCEMENTS, OUTAGES)


def names_in(text: str) -> list[str]:
    """Read a cell that lists names separated by semicolons.

    Examples
    --------
    >>> names_in("Quay; Ferry")
    ['Quay', 'Ferry']
    """
    return [name.strip() for name in text.split(";") if name.strip()]


def shares_of(buses: str) -> dict[str, float]:
    """Read the `buses` cell of a load measure.

    Parameters
    ----------
    buses : str
        Buses with the share of the measure that each gets.

    Returns
    -------
    dict
        Share of each bus, in the order of the text.

    Raises
    ------
    ValueError
        When an entry is not "bus: share" or a bus is named twice.

    Examples
    --------
    >>> shares_of("Huseby 66: 0.6; Tiller 66: 0.4")
    {'Huseby 66': 0.6, 'Tiller 66': 0.4}
    """
    shares: dict[str, float] = {}
    for entry in buses.split(";"):
        if not entry.strip():
            continue
        bus, colon, share = (part.strip() for part in entry.rpartition(":"))
        if not colon or not bus:
            msg = f"{entry.strip()!r} is not 'bus: share'"
            raise ValueError(msg)
        if bus in shares:
            msg = f"bus {bus!r} is named twice"
            raise ValueError(msg)
        shares[bus] = float(share)
    return shares
