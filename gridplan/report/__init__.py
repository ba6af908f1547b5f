"""What people see: maps, charts, files and reports.

`gridplan.report` is this package and a public function at once: `gp.report(plan, "report.pdf")`
writes a report (`gridplan.report.report_text.report`).
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any


class _Report(ModuleType):
    """The package, which can be called as the function of the same name."""

    def __call__(self, plan: Any, path: Any, **options: Any) -> Path:
        """Write a report on a plan; see `gridplan.report.report_text.report`."""
        from gridplan.report.report_text import report  # noqa: PLC0415 - heavy

        return report(plan, path, **options)


sys.modules[__name__].__class__ = _Report
