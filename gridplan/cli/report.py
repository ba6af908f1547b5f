"""The part of `gridplan study` behind --report: what it computes more, and the files it makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridplan.base.messages import Language
    from gridplan.check.ac_check import AcCheck
    from gridplan.check.certificate import Certificate
    from gridplan.cli.terminal import Step
    from gridplan.exports.handover import Handover
    from gridplan.portfolio.plan import Plan

# About how long the steps take beside each other, and beside one of the others of the command.
AC, CAPACITY, WHY, FILES = 2.0, 7.0, 8.0, 3.0
STEPS = CAPACITY + WHY + FILES


def refuse_open_files(folder: Path) -> None:
    """See before the long work that none of the files is open in Word, Excel or QGIS.

    Raises
    ------
    OSError
        When one is; it names the file.
    """
    from gridplan.exports.handover import WRITERS  # noqa: PLC0415 - heavy imports wait
    from gridplan.exports.saving import try_to_replace  # noqa: PLC0415

    for name in WRITERS:
        try_to_replace(folder / name)


def gathered(
    plan: Plan, certificate: Certificate, ac: AcCheck | None, language: Language, step: Step
) -> Handover:
    """Compute what the files need beside the plan: room at every bus, and why projects are out.

    Parameters
    ----------
    plan : Plan
        The chosen portfolio.
    certificate : Certificate
        Its proof.
    ac : AcCheck or None
        Its currents and voltages in AC.
    language : {"en", "nb"}
        Of the files.
    step : callable
        Of `gridplan.cli.terminal.progress`.
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.exports.handover import Handover  # noqa: PLC0415

    share = step("capacity of all buses", CAPACITY)
    capacity = gp.hosting_capacity(plan.study, hourly=True, progress=share)
    share = step("why projects are not chosen", WHY)
    out = plan.left_out.index
    explanations = []
    for number, name in enumerate(out, 1):
        explanations.append(gp.explain(plan, str(name), forced=False))
        share(number / len(out))
    return Handover(plan, certificate, capacity, explanations, language, ac)


def write_handover(handover: Handover, folder: Path, step: Step) -> None:
    """Write every file that is handed on, each as a step of its own.

    Parameters
    ----------
    handover : Handover
        The results.
    folder : pathlib.Path
        An existing folder, best the one of `gridplan.exports.files.whole_folder`.
    step : callable
        Of `gridplan.cli.terminal.progress`.
    """
    from gridplan.exports.handover import WRITERS  # noqa: PLC0415 - heavy imports wait

    for name, write in WRITERS.items():
        step(name, FILES / len(WRITERS))
        write(handover, folder / name)
