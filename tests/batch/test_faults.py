"""Faults as they happen: kills, Ctrl-C, a full disk, two batches at once, spoilt records.

Nothing is lost, nothing runs twice, and the tables have the bytes of an undisturbed run.
"""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

import gridplan as gp
from gridplan.batch.task import run_task
from tests.batch.commands import Command, logged, sound
from tests.batch.conftest import Batch
from tests.batch.test_run_batch import NAMES, SCENARIOS, contents, folder_of, run

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
CAN_MOUNT = (
    sys.platform == "linux"
    and shutil.which("unshare") is not None
    and subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode == 0
)
mounts = pytest.mark.skipif(not CAN_MOUNT, reason="may not mount a disk of its own")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Bytes of the tables of a run in this process."""
    batch = Batch(tmp_path_factory.mktemp("undisturbed"))
    batch.write(SCENARIOS)
    run(batch)
    return contents(batch.out)


@pytest.fixture
def started(batch):
    """Start commands; none of their processes outlives the test."""
    batch.write(SCENARIOS)
    commands = []

    def start(*options, **more):
        commands.append(Command(batch, *options, **more))
        return commands[-1]

    yield start
    for command in commands:
        for pid, _ in command.family():
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@linux
def test_a_killed_worker_costs_nothing_but_time(batch, started, undisturbed):
    command = started("--jobs", "2")
    command.in_the_middle()
    os.kill(command.workers()[0], signal.SIGKILL)
    code, told = command.end()
    assert code == 0, told
    assert contents(batch.out) == undisturbed
    assert len(logged(batch.out)) == len(set(logged(batch.out))) == len(NAMES)
    assert sound(batch.out)


@pytest.mark.slow
@linux
def test_the_same_command_goes_on_after_its_main_process_was_killed(batch, started, undisturbed):
    command = started("--jobs", "2")
    command.in_the_middle()
    command.kill()
    assert command.all_gone()  # workers do not write on
    done = {path.parent.name: path.stat().st_mtime_ns for path in batch.out.glob("*/record.json")}
    assert 0 < len(done) < len(NAMES)
    code, told = started("--jobs", "2").end()
    assert code == 0, told
    assert contents(batch.out) == undisturbed
    for digest, written in done.items():  # what was done has not run again
        assert (batch.out / digest / "record.json").stat().st_mtime_ns == written
    assert len(logged(batch.out)) == len(set(logged(batch.out)))
    assert sound(batch.out)


@pytest.mark.slow
@linux
@pytest.mark.parametrize("when", ["at the start", "in the middle"])
def test_ctrl_c_leaves_no_worker_and_a_sound_folder(batch, started, undisturbed, when):
    command = started("--jobs", "2")
    if when == "in the middle":
        command.in_the_middle()
    else:
        command.wait_for(lambda: len(command.workers()) == 2)
    command.interrupt()
    code, told = command.end()
    assert code == 130
    assert "Stopped. " in told
    assert "Traceback" not in told
    assert command.all_gone(within_s=2)
    assert sound(batch.out)
    done = gp.open_runs(batch.out)
    assert len(done.waiting) < len(NAMES) or when == "at the start"
    assert f"{len(done.records)} of {len(NAMES)} are kept" in told
    assert (batch.out / "runs.csv").exists()
    if when == "in the middle":
        assert started("--jobs", "2").end()[0] == 0
        assert contents(batch.out) == undisturbed


@pytest.mark.slow
@mounts
def test_a_full_disk_is_told_and_the_rest_runs_when_there_is_room(batch, undisturbed, tmp_path):
    batch.write(SCENARIOS)
    command = f"{sys.executable} -m gridplan.cli batch {batch.file} --out disk --jobs 2"
    script = f"""
    mkdir disk && mount -t tmpfs -o size=150k tmpfs disk || exit 99
    {command} 2> full.txt; echo $? > full.code
    ls -A disk > left.txt; ls disk/*/record.json | wc -l > done.txt
    mount -o remount,size=50m disk
    {command}; code=$?
    cp -a disk kept; exit $code
    """
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], check=False, cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "full.code").read_text() == "1\n"
    told = (tmp_path / "full.txt").read_text()
    assert "No space left on device" in told
    assert "Traceback" not in told
    assert ".draft-" not in (tmp_path / "left.txt").read_text()
    assert 0 < int((tmp_path / "done.txt").read_text()) < len(NAMES)
    assert contents(tmp_path / "kept") == undisturbed


@pytest.mark.slow
@mounts
def test_a_folder_that_takes_no_files_is_one_clear_error(batch, tmp_path):
    batch.write(SCENARIOS)
    command = f"{sys.executable} -m gridplan.cli batch {batch.file} --out disk --jobs 1"
    script = f"mkdir disk && mount -t tmpfs -o ro tmpfs disk && {command}"
    words = ["unshare", "-rm", "sh", "-c", script]
    done = subprocess.run(words, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@linux
def test_two_batches_at_once_one_finishes_and_one_says_why_not(batch, started, undisturbed):
    pair = started("--jobs", "1"), started("--jobs", "1")
    ended = sorted(command.end() for command in pair)
    assert [code for code, _ in ended] == [0, 1]
    assert "another batch is writing to this folder" in ended[1][1]
    assert contents(batch.out) == undisturbed
    assert logged(batch.out).count(logged(batch.out)[0]) == 1


@pytest.mark.slow
@linux
def test_a_batch_that_runs_keeps_its_folder_until_it_is_killed(batch, started, undisturbed):
    first = started("--jobs", "1")
    first.in_the_middle()
    first.freeze()  # so that it cannot finish before the other asks
    code, told = started("--jobs", "1").end()
    assert code == 1
    assert f"process {first.process.pid} on " in told
    first.kill()
    assert started("--jobs", "1").end()[0] == 0
    assert contents(batch.out) == undisturbed


def _empty(folder, _):
    (folder / "record.json").write_bytes(b"")


def _cut(folder, _):
    record = folder / "record.json"
    record.write_bytes(record.read_bytes()[:-40])


def _lacking(folder, _):
    (folder / "projects.csv").unlink()


def _changed(folder, _):
    with (folder / "summary.csv").open("a") as table:
        table.write("mw,999\n")


def _of_another_version(folder, _):
    record = json.loads((folder / "record.json").read_text("utf-8"))
    record["versions"]["gridplan_version"] = "0.0.9"
    (folder / "record.json").write_text(json.dumps(record), "utf-8")


def _of_another_scenario(folder, other):
    shutil.rmtree(folder)
    shutil.copytree(other, folder)


@pytest.mark.slow  # the quick tests have two of them
def test_spoilt_records_of_every_kind_run_again(batch):
    batch.write(SCENARIOS)
    run(batch)
    before = contents(batch.out)
    other = shutil.copytree(folder_of(batch, "Too much"), batch.out.with_name("other"))
    spoils = (_empty, _cut, _lacking, _changed, _of_another_version, _of_another_scenario)
    spoilt = [name for name in NAMES if name != "Too much"]
    for name, spoil in zip(spoilt, spoils[1:], strict=True):
        spoil(folder_of(batch, name), other)
    spoils[0](folder_of(batch, "Too much"), other)
    assert gp.open_runs(batch.out).waiting == tuple(NAMES)
    assert run(batch)[1] == NAMES
    assert contents(batch.out) == before


def test_a_worker_takes_up_its_task_where_another_died(batch):
    batch.write(SCENARIOS)
    run(batch)
    from gridplan.batch.runner import tasks_of

    scenarios = gp.read_scenarios(batch.file)
    task = max(tasks_of(scenarios, list(scenarios), batch.out, 1), key=lambda t: len(t.scenarios))
    first, *_ = (batch.out / one.digest / "record.json" for one in task.scenarios)
    before = first.stat().st_mtime_ns
    last = task.scenarios[-1].digest
    shutil.rmtree(batch.out / last)
    assert [record.digest for record in run_task(task)] == [one.digest for one in task.scenarios]
    assert first.stat().st_mtime_ns == before
    assert (batch.out / last / "record.json").exists()
