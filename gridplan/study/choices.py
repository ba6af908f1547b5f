"""What a plan chooses from, as tables: projects, measures, symbioses."""

from __future__ import annotations

from gridplan.study.schema import (
    LATITUDE,
    LONGITUDE,
    PROVENANCE,
    Column,
    Table,
    money,
    number,
    optional_text,
    power,
    text,
)

STANDING = ("reserved", "under construction", "queue", "candidate")

_LISTED = "separated by semicolons"
_UNSAID = {"default": float("nan"), "required": False}  # a cell that may be empty
_RELATIONS = (
    optional_text("requires", f"projects that must be chosen too, in any variant, {_LISTED}"),
    optional_text("variant_of", "project of which this is another variant; at most one is chosen"),
    optional_text("excludes", f"projects that cannot be chosen with this one, {_LISTED}"),
    optional_text("exclusive_group", "group of which at most one project is chosen"),
    Column(
        "must_build",
        "boolean",
        "whether the project is built, in one of its variants",
        default=False,
        required=False,
    ),
)
CURTAILMENT = (
    number(
        "curtailable_share",
        "per unit",
        "most of the yearly energy that may be curtailed",
        default=0.0,
        required=False,
        minimum=0,
        maximum=1,
        hint="Is this per cent? Then divide by 100.",
    ),
    number(
        "curtailable_hours",
        "h",
        "most hours with curtailment a year, empty: no limit",
        minimum=0,
        maximum=8784,
        **_UNSAID,
    ),
    number(
        "longest_curtailment_h",
        "h",
        "longest curtailment in a row, empty: no limit",
        minimum=1,
        maximum=8784,
        **_UNSAID,
    ),
    number(
        "curtailment_nok_per_mwh",
        "NOK/MWh",
        "price of energy that is not served, empty: that of the settings",
        minimum=0,
        maximum=1e6,
        **_UNSAID,
    ),
)
_CONNECTION = (
    text(
        "connection",
        "firm: never curtailed; conditional: within the limits of the next columns",
        default="firm",
        required=False,
        choices=("firm", "conditional"),
    ),
    *CURTAILMENT,
)
_CO2 = number(
    "co2_t_per_yr",
    "t CO2e/yr",
    "emissions cut",
    default=0.0,
    minimum=0,
    maximum=1e7,
    hint="Is this kg? Then divide by 1,000.",
)
_LIFETIME = number(
    "lifetime_yr",
    "years",
    "lifetime",
    default=20.0,
    above=0,
    maximum=200,
    hint="Give years.",
)

PROJECTS = Table(
    "projects",
    "project",
    (
        text("name", "unique name"),
        text("municipality", "municipality", default="", blank=True),
        text("site", "place within the municipality", default="", blank=True),
        optional_text(
            "bus",
            "bus that feeds the project; empty: the nearest of a fitting voltage to lon and lat, "
            "or that of the municipality",
        ),
        power("mw", "MW", "connected power", above=0),
        text("profile", "hourly shape, a name in the sectors file", default="flat"),
        Column(
            "year", "integer", "first year of full load", default=2000, minimum=2000, maximum=2100
        ),
        text(
            "status",
            "place in the queue",
            default="candidate",
            choices=STANDING,
        ),
        Column("queue_date", "date", "date of the application", default="", blank=True),
        Column("wanted_connection", "date", "wanted date of connection", default="", blank=True),
        text("sector", "sector", default="", blank=True),
        _CO2,
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
        *_RELATIONS,
        *_CONNECTION,
        optional_text("criteria_missing", f"criteria of maturity that are not met, {_LISTED}"),
        number("lon", "degrees", "longitude", default=float("nan"), blank=True, **LONGITUDE),
        number("lat", "degrees", "latitude", default=float("nan"), blank=True, **LATITUDE),
        text("mw_basis", "where mw comes from", default="in memory"),
        text("benefit_basis", "where CO2, jobs and export come from", default="in memory"),
        *PROVENANCE,
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
        _LIFETIME,
        text("description", "what is done", default="", blank=True),
        *PROVENANCE,
    ),
)

SYMBIOSES = Table(
    "symbioses",
    "symbiosis",
    (
        text("name", "unique name"),
        text("partners", f"projects that exchange something, {_LISTED}", default="", blank=True),
        text(
            "existing_partners",
            f"plants in operation that take part, {_LISTED}",
            default="",
            blank=True,
        ),
        text("carrier", "what is exchanged: waste heat, biochar, CO2, oxygen, …"),
        text("buses", '"bus: share; bus: share" of the load that is saved', default="", blank=True),
        power("mw", "MW", "peak reduction", default=0.0, minimum=0),
        text("profile", "hourly shape, a name in the sectors file", default="", blank=True),
        money("cost_mnok", "MNOK", "investment", minimum=0, maximum=1e5),
        _LIFETIME,
        _CO2,
        text("description", "what is exchanged and why it saves power", default="", blank=True),
        *PROVENANCE,
    ),
)
