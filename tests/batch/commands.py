"""`gridplan batch` as a planner starts it: a process of its own, which a test can disturb."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WAIT_S = 120


class Command:
    """A running command in a session of its own."""

    def __init__(self, batch, *options, out=None, before=()):
        self.out = out or batch.out
        words = [sys.executable, "-m", "gridplan.cli", "batch", str(batch.file)]
        words += ["--out", str(self.out), *options]
        self.process = subprocess.Popen(
            [*before, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self):
        """Wait, and return exit code and what was printed."""
        try:
            printed, told = self.process.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise
        return self.process.returncode, printed + told

    def in_the_middle(self):
        """Wait until one scenario is done and another has begun."""
        self.wait_for(lambda: list(self.out.glob("*/record.json")))
        self.wait_for(lambda: list(self.out.glob(".begun-*")))

    def wait_for(self, happened):
        deadline = time.monotonic() + WAIT_S
        while not happened():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def workers(self):
        """Processes of the session that run scenarios."""
        return [pid for pid, words in self.family() if "spawn_main" in words]

    def family(self):
        """Process and command of all that live in the session."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_text()
                if words and os.getsid(int(entry.name)) == self.process.pid:
                    found.append((int(entry.name), words))
            except OSError:  # it has just ended
                continue
        return found

    def kill(self):
        """Kill the main process alone."""
        self.process.kill()
        self.process.communicate(timeout=WAIT_S)

    def interrupt(self):
        """Press Ctrl-C: every process of the terminal hears it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def freeze(self):
        """Stop the main process where it is."""
        self.process.send_signal(signal.SIGSTOP)

    def kill_all(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def all_gone(self, within_s=10):
        deadline = time.monotonic() + within_s
        while self.family() and time.monotonic() < deadline:
            time.sleep(0.05)
        return not self.family()


def sound(out):
    """Say whether a folder has nothing half done in it."""
    return not [*out.glob(".draft-*"), *out.glob(".begun-*"), *out.glob("batch.owner")]


def logged(out):
    """Scenarios in the log, in its order."""
    lines = (out / "batch.log").read_text("utf-8").splitlines()
    return [line.split("\t")[1] for line in lines]
