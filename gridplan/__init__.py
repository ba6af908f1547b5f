"""gridplan: which projects the grid can take together, hour by hour and under N-1.

The names below are all that is public; each is loaded when it is first used.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Study": "gridplan.study.study",
    "open_study": "gridplan.study.reading",
    "new_study": "gridplan.study.new",
    "import_network": "gridplan.importing.reading",
    "import_nettanlegg": "gridplan.importing.nettanlegg",
    "check_study": "gridplan.study.checking",
    "doubts": "gridplan.plausibility.doubts",
    "at_stage": "gridplan.grid.stages",
    "stages": "gridplan.grid.stages",
    "with_year": "gridplan.study.years",
    "weather_years": "gridplan.study.years",
    "base_case": "gridplan.operation.base_case",
    "hosting_capacity": "gridplan.hosting.capacity",
    "capacity_range": "gridplan.hosting.spread",
    "without_n1": "gridplan.hosting.unsecured",
    "joint_capacity": "gridplan.hosting.joint",
    "rank_reinforcements": "gridplan.hosting.ranking",
    "flexibility_curve": "gridplan.hosting.curve",
    "plan": "gridplan.portfolio.plan",
    "queue": "gridplan.portfolio.queueing",
    "compare": "gridplan.portfolio.compare",
    "alternatives": "gridplan.portfolio.alternatives",
    "to_pypsa": "gridplan.portfolio.pypsa_model",
    "pypsa_conditions": "gridplan.portfolio.pypsa_conditions",
    "pypsa_objective": "gridplan.portfolio.pypsa_model",
    "secure_outages": "gridplan.portfolio.pypsa_model",
    "marginal_values": "gridplan.reasons.marginal",
    "freed_capacity": "gridplan.reasons.freed",
    "explain": "gridplan.reasons.explain",
    "offers": "gridplan.reasons.offers",
    "certify": "gridplan.check.witness",
    "check_ac": "gridplan.check.ac",
    "AcSettings": "gridplan.study.settings_ac",
    "read_scenarios": "gridplan.batch.scenarios",
    "run_batch": "gridplan.batch.runner",
    "open_runs": "gridplan.batch.runs",
    "compare_runs": "gridplan.batch.comparison",
    "capacity_spread": "gridplan.batch.spread",
    "regret": "gridplan.batch.regret",
    "share_map": "gridplan.batch.compare_files",
    "write_comparison": "gridplan.batch.compare_files",
    "capacity_map": "gridplan.exports.maps",
    "workbook": "gridplan.exports.workbook",
    "flexibility_plot": "gridplan.exports.charts",
    "capacity_duration_plot": "gridplan.exports.charts",
    "capacity_use_plot": "gridplan.exports.use_chart",
    "critical_hours_plot": "gridplan.exports.explain_chart",
    "curtailment_plot": "gridplan.exports.explain_chart",
    "freed_capacity_plot": "gridplan.exports.reasons_charts",
    "marginal_values_plot": "gridplan.exports.reasons_charts",
    "report": "gridplan.exports.report_text",
    "load_duration_plot": "gridplan.exports.load_chart",
    "loading_heatmap": "gridplan.exports.loading_chart",
    "StudyError": "gridplan.base.errors",
    "InfeasiblePlanError": "gridplan.base.errors",
    "SolverError": "gridplan.base.errors",
    "assumptions": "gridplan.exports.assumptions",
    "show_versions": "gridplan.base.versions",
    "goals_plot": "gridplan.exports.goals_chart",
    "comparison_plot": "gridplan.exports.goals_chart",
}

__all__ = [  # noqa: PLE0604 - the table above is the list
    *_PUBLIC,
]


def __getattr__(name: str) -> Any:
    """Load a public name where it is used, so that `import gridplan` stays light."""
    if name not in _PUBLIC:
        msg = f"module 'gridplan' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
