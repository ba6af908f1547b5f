"""The tables of a study, as data: every column with its type, unit, bounds and meaning.

Everything that reads, checks or documents a table starts from here. "Required" means that a file
must have the column and fill it; a table passed in memory may leave out what has a default.
"""

from __future__ import annotations

from gridplan.study.schema import (
    Column,
    Table,
    energy,
    money,
    number,
    optional_text,
    power,
    text,
)

BASIS = ("osm", "register", "documented", "derived", "assumption", "synthetic")

_DEGREES = "Use decimal degrees (WGS84), not metres of a map projection."
_LONGITUDE = {"minimum": -180, "maximum": 180, "hint": _DEGREES}
_LATITUDE = {"minimum": -90, "maximum": 90, "hint": _DEGREES}
_PROVENANCE = (
    text("basis", "kind of knowledge behind the row", default="assumption", choices=BASIS),
    text("source", "where the row comes from", default="in memory"),
)
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
    *_PROVENANCE,
)

PROJECTS = Table(
    "projects",
    "project",
    (
        text("name", "unique name"),
        text("municipality", "municipality", default="", blank=True),
        text("site", "place within the municipality", default="", blank=True),
        text("bus", "bus that feeds the project"),
        power("mw", "MW", "connected power", above=0),
        text("profile", "hourly shape, a name in the sectors file", default="flat"),
        Column(
            "year", "integer", "first year of full load", default=2000, minimum=2000, maximum=2100
        ),
        text(
            "status",
            "place in the queue",
            default="candidate",
            choices=("reserved", "under construction", "queue", "candidate"),
        ),
        Column("queue_date", "date", "date of the application", default="", blank=True),
        Column("wanted_connection", "date", "wanted date of connection", default="", blank=True),
        text("sector", "sector", default="", blank=True),
        number(
            "co2_t_per_yr",
            "t CO2e/yr",
            "emissions cut",
            default=0.0,
            minimum=0,
            maximum=1e7,
            hint="Is this kg? Then divide by 1,000.",
        ),
        number(
            "jobs",
            "jobs",
            "permanent jobs",
            default=0.0,
            minimum=0,
            maximum=1e5,
            hint="Give jobs, not their pay.",
        ),
        money("export_mnok_per_yr", "MNOK/yr", "export", default=0.0, minimum=0),
        money(
            "value_mnok_per_yr",
            "MNOK/yr",
            "own value, added to the weighted goals",
            default=0.0,
            required=False,
        ),
        text(
            "requires",
            "projects that must be chosen too, separated by semicolons",
            default="",
            required=False,
            blank=True,
        ),
        number("lon", "degrees", "longitude", default=float("nan"), blank=True, **_LONGITUDE),
        number("lat", "degrees", "latitude", default=float("nan"), blank=True, **_LATITUDE),
        text("mw_basis", "where mw comes from", default="in memory"),
        text("benefit_basis", "where CO2, jobs and export come from", default="in memory"),
        *_PROVENANCE,
    ),
)

MEASURES = Table(
    "measures",
    "measure",
    (
        text("name", "unique name"),
        text(
            "kind",
            "load: less load; rating: a branch may carry more",
            choices=("load", "rating"),
        ),
        text("buses", 'load: "bus: share; bus: share"', default="", blank=True),
        text("branch", "rating: the line or transformer", default="", blank=True),
        power("mw", "MW", "load: peak reduction of one unit", default=0.0, minimum=0),
        number(
            "rating_pu",
            "per unit",
            "rating: rise of the rating of one unit",
            default=0.0,
            minimum=0,
            maximum=1,
            hint="Is this per cent? Then divide by 100.",
        ),
        text("profile", "load: hourly shape, a name in the sectors file", default="", blank=True),
        Column("units_max", "integer", "how often it may be taken", default=1, minimum=1),
        money("cost_mnok", "MNOK", "investment of one unit", minimum=0, maximum=1e5),
        number(
            "lifetime_yr",
            "years",
            "lifetime",
            default=20.0,
            above=0,
            maximum=200,
            hint="Give years.",
        ),
        text("description", "what is done", default="", blank=True),
        *_PROVENANCE,
    ),
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
        number("lon", "degrees", "longitude of a bus", **_UNSAID, **_LONGITUDE),
        number("lat", "degrees", "latitude of a bus", **_UNSAID, **_LATITUDE),
        _MUNICIPALITY,
        optional_text("geometry", "path as WKT LINESTRING (lon lat), empty: straight"),
        *_PROVENANCE,
        text("cost_source", "where the cost comes from, on the first row", default="", blank=True),
    ),
    unique=False,
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
        number("x", "degrees", "longitude", **_LONGITUDE),
        number("y", "degrees", "latitude", **_LATITUDE),
        text("carrier", "kind of current", default="AC", required=False, choices=("AC",)),
        optional_text("station", "station that the bus belongs to"),
        _MUNICIPALITY,
        Column(
            "in_county", "boolean", "whether it lies in the county", default=True, required=False
        ),
        *_PROVENANCE,
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
        *_PROVENANCE,
    ),
    folder="grid",
    filled=True,
)

LOADS = Table(
    "loads",
    "load",
    (
        text("name", "unique name"),
        text("bus", "bus that feeds it"),
        _MUNICIPALITY,
        energy("annual_gwh", "energy of a year"),
        power("peak_mw", "MW", "highest hour", default=0.0, required=False, minimum=0),
        *_PROVENANCE,
    ),
    folder="grid",
    filled=True,
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
TABLES = (*GRID_TABLES, PROJECTS, MEASURES, REINFORCEMENTS)


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
