"""The tables of a study, as data: every column with its type, unit, bounds and meaning.

Everything that reads, checks or documents a table starts from here. "Required" means that a file
must have the column and fill it; a table passed in memory may leave out what has a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "integer", "boolean", "date"]

MUST = object()  # default of a column that even a table in memory must have
BASIS = ("osm", "register", "documented", "derived", "assumption", "synthetic")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        As in the header of the file.
    kind : {"text", "number", "integer", "boolean", "date"}
        Type of its cells.
    description : str
        Meaning, for people.
    unit : str
        Unit of numbers; cells never carry one.
    default : object
        Value where an optional column, or a column of a table in memory, is missing.
    required : bool
        Whether a file must have the column.
    blank : bool
        Whether cells may be empty although the column is required.
    above, minimum, maximum : float, optional
        Bounds; `above` is exclusive.
    hint : str
        What a number beyond `maximum` probably is.
    choices : tuple of str
        Allowed texts; empty for any.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    default: Any = MUST
    required: bool = True
    blank: bool = False
    above: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    hint: str = ""
    choices: tuple[str, ...] = ()

    @property
    def fillable(self) -> bool:
        """Whether an empty cell is allowed."""
        return self.blank or not self.required


@dataclass(frozen=True)
class Table:
    """One table of a study.

    Parameters
    ----------
    name : str
        Name of the file without ".csv".
    item : str
        What one row is, for messages.
    columns : tuple of Column
        The first is the unique name.
    folder : {"", "grid"}
        Where the file lies: in the study folder or in the folder of the network.
    filled : bool
        Whether the table must have rows.
    """

    name: str
    item: str
    columns: tuple[Column, ...]
    folder: Literal["", "grid"] = ""
    filled: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]


def _text(name: str, description: str, **other: Any) -> Column:
    return Column(name, "text", description, **other)


def _optional_text(name: str, description: str) -> Column:
    return _text(name, description, default="", required=False)


def _number(name: str, unit: str, description: str, **other: Any) -> Column:
    return Column(name, "number", description, unit, **other)


def _power(name: str, unit: str, description: str, **other: Any) -> Column:
    """MW or MVA: more than 10,000 of them at one place are kilowatts."""
    thousand = "kVA" if unit == "MVA" else "kW"
    hint = f"Is this {thousand}? Then divide by 1,000."
    return _number(name, unit, description, maximum=10_000, hint=hint, **other)


def _energy(name: str, description: str) -> Column:
    hint = "Is this MWh? Then divide by 1,000."
    return _number(
        name, "GWh", description, default=0.0, required=False, minimum=0, maximum=50_000, hint=hint
    )


_DEGREES = "Use decimal degrees (WGS84), not metres of a map projection."
_LONGITUDE = {"minimum": -180, "maximum": 180, "hint": _DEGREES}
_LATITUDE = {"minimum": -90, "maximum": 90, "hint": _DEGREES}
_PROVENANCE = (
    _text("basis", "kind of knowledge behind the row", default="assumption", choices=BASIS),
    _text("source", "where the row comes from", default="in memory"),
)
_MUNICIPALITY = _optional_text("municipality", "municipality, empty outside the county")
_ENDS = (_text("bus0", "bus at one end"), _text("bus1", "bus at the other end"))
_BRANCH = (
    _power("s_nom", "MVA", "rating", above=0),
    _number(
        "s_max_pu", "per unit", "usable part of s_nom", default=1.0, required=False, above=0, maximum=2
    ),
    _optional_text("rating_source", "where the rating comes from"),
    *_PROVENANCE,
)

PROJECTS = Table(
    "projects",
    "project",
    (
        _text("name", "unique name"),
        _text("municipality", "municipality", default="", blank=True),
        _text("site", "place within the municipality", default="", blank=True),
        _text("bus", "bus that feeds the project"),
        _power("mw", "MW", "connected power", above=0),
        _text("profile", "hourly shape, a name in the sectors file", default="flat"),
        Column(
            "year", "integer", "first year of full load", default=2000, minimum=2000, maximum=2100
        ),
        _text(
            "status",
            "place in the queue",
            default="candidate",
            choices=("reserved", "queue", "candidate"),
        ),
        Column("queue_date", "date", "date of the application", default="", blank=True),
        Column("wanted_connection", "date", "wanted date of connection", default="", blank=True),
        _text("sector", "sector", default="", blank=True),
        _number(
            "co2_t_per_yr",
            "t CO2e/yr",
            "emissions cut",
            default=0.0,
            minimum=0,
            maximum=1e7,
            hint="Is this kg? Then divide by 1,000.",
        ),
        _number(
            "jobs",
            "jobs",
            "permanent jobs",
            default=0.0,
            minimum=0,
            maximum=1e5,
            hint="Give jobs, not their pay.",
        ),
        _number(
            "export_mnok_per_yr",
            "MNOK/yr",
            "export",
            default=0.0,
            minimum=0,
            maximum=1e6,
            hint="Is this NOK? Then divide by 1,000,000.",
        ),
        _number(
            "value_mnok_per_yr",
            "MNOK/yr",
            "own value, added to the weighted goals",
            default=0.0,
            required=False,
            maximum=1e6,
            hint="Is this NOK? Then divide by 1,000,000.",
        ),
        _number("lon", "degrees", "longitude", default=float("nan"), blank=True, **_LONGITUDE),
        _number("lat", "degrees", "latitude", default=float("nan"), blank=True, **_LATITUDE),
        _text("mw_basis", "where mw comes from", default="in memory"),
        _text("benefit_basis", "where CO2, jobs and export come from", default="in memory"),
        *_PROVENANCE,
    ),
)

MEASURES = Table(
    "measures",
    "measure",
    (
        _text("name", "unique name"),
        _text(
            "kind",
            "load: less load; rating: a branch may carry more",
            choices=("load", "rating"),
        ),
        _text("buses", 'load: "bus: share; bus: share"', default="", blank=True),
        _text("branch", "rating: the line or transformer", default="", blank=True),
        _power("mw", "MW", "load: peak reduction of one unit", default=0.0, minimum=0),
        _number(
            "rating_pu",
            "per unit",
            "rating: rise of the rating of one unit",
            default=0.0,
            minimum=0,
            maximum=1,
            hint="Is this per cent? Then divide by 100.",
        ),
        _text("profile", "load: hourly shape, a name in the sectors file", default="", blank=True),
        Column("units_max", "integer", "how often it may be taken", default=1, minimum=1),
        _number(
            "cost_mnok",
            "MNOK",
            "investment of one unit",
            minimum=0,
            maximum=1e5,
            hint="Is this NOK? Then divide by 1,000,000.",
        ),
        _number(
            "lifetime_yr",
            "years",
            "lifetime",
            default=20.0,
            above=0,
            maximum=200,
            hint="Give years.",
        ),
        _text("description", "what is done", default="", blank=True),
        *_PROVENANCE,
    ),
)

BUSES = Table(
    "buses",
    "bus",
    (
        _text("name", "unique name"),
        _number(
            "v_nom",
            "kV",
            "nominal voltage",
            above=0,
            maximum=1_500,
            hint="Is this V? Then divide by 1,000.",
        ),
        _number("x", "degrees", "longitude", **_LONGITUDE),
        _number("y", "degrees", "latitude", **_LATITUDE),
        _text("carrier", "kind of current", default="AC", required=False, choices=("AC",)),
        _optional_text("station", "station that the bus belongs to"),
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
        _text("name", "unique among lines and transformers"),
        *_ENDS,
        _number(
            "length",
            "km",
            "length",
            default=0.0,
            required=False,
            minimum=0,
            maximum=2_000,
            hint="Is this m? Then divide by 1,000.",
        ),
        _number("r", "ohm", "resistance of the whole line", above=0),
        _number("x", "ohm", "reactance of the whole line", above=0),
        _number("b", "S", "susceptance of the whole line", default=0.0, required=False),
        _number("g", "S", "conductance of the whole line", default=0.0, required=False),
        _text("carrier", "kind of current", default="AC", required=False, choices=("AC",)),
        _optional_text("geometry", "path as WKT LINESTRING (lon lat), empty: straight"),
        *_BRANCH,
    ),
    folder="grid",
)

TRANSFORMERS = Table(
    "transformers",
    "transformer",
    (
        _text("name", "unique among lines and transformers"),
        *_ENDS,
        _text("model", "equivalent circuit", default="t", required=False, choices=("t", "pi")),
        _number("r", "per unit", "resistance, per unit of its own s_nom", above=0),
        _number("x", "per unit", "reactance, per unit of its own s_nom", above=0, maximum=5),
        _number("b", "per unit", "susceptance", default=0.0, required=False),
        _number("g", "per unit", "conductance", default=0.0, required=False),
        _number("tap_ratio", "per unit", "tap", default=1.0, required=False, above=0, maximum=2),
        _number("phase_shift", "degrees", "phase shift", default=0.0, required=False),
        *_BRANCH,
    ),
    folder="grid",
)

GENERATORS = Table(
    "generators",
    "generator",
    (
        _text("name", "unique name"),
        _text("bus", "bus it feeds"),
        _text("carrier", "kind of source", choices=("hydro", "wind", "border")),
        _power("p_nom", "MW", "installed power; border: the larger of both limits", above=0),
        Column(
            "storage",
            "boolean",
            "hydro: whether it may leave its schedule",
            default=False,
            required=False,
        ),
        _number(
            "schedule_share",
            "per unit",
            "border: share of the residual balance",
            default=0.0,
            required=False,
            minimum=0,
            maximum=1,
            hint="Shares are per unit and sum to 1 over the borders of an island.",
        ),
        _power(
            "schedule_mw",
            "MW",
            "border: constant part of the scheduled import",
            default=0.0,
            required=False,
            minimum=-10_000,
        ),
        _power(
            "import_mw", "MW", "border: import limit", default=0.0, required=False, minimum=0
        ),
        _power(
            "export_mw", "MW", "border: export limit", default=0.0, required=False, minimum=0
        ),
        _energy("annual_gwh", "mean generation of a year"),
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
        _text("name", "unique name"),
        _text("bus", "bus that feeds it"),
        _MUNICIPALITY,
        _energy("annual_gwh", "energy of a year"),
        _power("peak_mw", "MW", "highest hour", default=0.0, required=False, minimum=0),
        *_PROVENANCE,
    ),
    folder="grid",
    filled=True,
)

CARRIERS = Table(
    "carriers",
    "carrier",
    (
        _text("name", "unique name"),
        _optional_text("nice_name", "name for people"),
        _optional_text("color", "colour on charts"),
        _number("co2_emissions", "t/MWh", "emissions", default=0.0, required=False, minimum=0),
    ),
    folder="grid",
)

GRID_TABLES = (BUSES, LINES, TRANSFORMERS, GENERATORS, LOADS, CARRIERS)
TABLES = (*GRID_TABLES, PROJECTS, MEASURES)


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
