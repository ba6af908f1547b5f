"""Clocks and lines of print that the benchmarks share."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager


class Clock:
    """Wall and processor seconds of what ran inside."""

    wall = cpu = 0.0


@contextmanager
def clock():
    """Time a block in this process."""
    taken, wall, cpu = Clock(), time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.cpu = time.perf_counter() - wall, time.process_time() - cpu


def child(label, command, wall=None, memory_gb=None):
    """Run a command: wall and processor seconds, peak memory, and whether they keep to limits."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds, peak = time.perf_counter() - start, usage.ru_maxrss / 1e6
    note = f"peak {peak:.2f} GB"
    limits = [(seconds, wall, "s"), (peak, memory_gb, "GB")]
    for found, limit, unit in limits:
        if limit is not None:
            note += f", {'under' if found < limit else 'OVER'} {limit:g} {unit}"
    if status:
        note += f", FAILED with {status}"
    report(label, seconds, usage.ru_utime + usage.ru_stime, note)


def python(code):
    """Command that runs a line of Python."""
    return [sys.executable, "-W", "ignore", "-c", code]


def report(label, wall, cpu, note=""):
    """Print one line."""
    print(f"{label:44s} {wall:8.2f} s  {cpu:8.2f} s cpu   {note}", flush=True)
