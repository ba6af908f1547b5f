"""What every tool of `peers` shares: the folder with the case, the clock and the memory.

Needs numpy alone, as pandapower runs in an environment without gridplan.
"""

from pathlib import Path

import numpy as np

from tests.benchmarks.timing import clock

BUDGET_S = 150.0  # a tool that would need longer for all hours does fewer
QUICK_S = 5.0  # what is over sooner runs three times more, and the fastest counts


class Given:
    """Case in a folder: hourly factors, rows of the branches that are lost, limits of all (MW)."""

    def __init__(self, folder):
        self.folder = Path(folder)
        with np.load(self.folder / "given.npz") as file:
            self.factors, self.outages = file["factors"], file["outages"]
            self.limits_mw = file["limits_mw"]


def measure(tool, hours, path):
    """Analyse hours and write what it took and what the first hour gave.

    Parameters
    ----------
    tool : object
        It has opened the case. `analyse(hours)` is timed; `at_once` tells whether it takes all
        hours together or one by one. `after_mw(result)` makes an array of what it returns.
    hours : int
        Hours that are asked for.
    path : path
        NPZ file: seconds, hours done, MB before and at most, and `after_mw`.
    """
    parts = [range(hours)] if tool.at_once else [range(hour, hour + 1) for hour in range(hours)]
    bare = _status_mb("VmRSS")
    _forget_peak()
    seconds, found = _timed(tool, parts[0])
    peak = _status_mb("VmHWM")
    after_mw = tool.after_mw(found)
    del found
    _forget_peak()
    done = len(parts[0])
    for part in parts[1:]:
        if seconds * (done + 1) / done > BUDGET_S:
            break
        seconds, done = seconds + _timed(tool, part)[0], done + len(part)
    if seconds < QUICK_S:
        seconds = min(sum(_timed(tool, part)[0] for part in parts) for _ in range(3))
    peak = max(peak, _status_mb("VmHWM"))
    np.savez(path, seconds=seconds, hours=done, bare=bare, peak=peak, after_mw=after_mw)


def _timed(tool, hours):
    """Wall seconds and what was found."""
    with clock() as taken:
        found = tool.analyse(hours)
    return taken.wall, found


def _forget_peak():
    """Let VmHWM start again, so that reading the case and comparing flows do not count.

    The peak that `child` prints starts again with it, and may be too low.
    """
    Path("/proc/self/clear_refs").write_text("5")


def _status_mb(field):
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1e3
