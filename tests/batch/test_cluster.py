"""Batches on a Dask cluster: the bytes of one process, and what becomes of deaths."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import gridplan as gp
from gridplan.base.errors import GridplanError
from gridplan.batch import workers
from gridplan.batch.cluster import connected
from gridplan.batch.runner import tasks_of
from gridplan.batch.runs import write_listing
from tests.batch.commands import Command, logged, sound
from tests.batch.deadly import run_or_die
from tests.batch.test_run_batch import NAMES, SCENARIOS, contents, run

config = pytest.importorskip("dask").config
dask = pytest.importorskip("distributed")

# Dask leaves sockets and event loops to the collector when a cluster is torn down in a hurry.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def scheduler(tmp_path):
    """Scheduler in a process of its own, and a way to start workers; all end with the test."""
    processes = []

    def start(module, *options):
        words = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        log = (tmp_path / f"{module}-{len(processes)}.log").open("w")
        processes.append(subprocess.Popen(words, stderr=log, stdout=log, start_new_session=True))
        log.close()
        return processes[-1]

    found = tmp_path / "scheduler.json"
    main = start(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(found),
    )  # fmt: skip
    _wait_for(found.exists)
    with dask.Client(scheduler_file=str(found), set_as_default=False) as client:
        address = client.scheduler.address
    yield main, address, lambda *more: start("dask_worker", address, "--nthreads", "1", *more)
    for process in reversed(processes):
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()


def _wait_for(happened, within_s=120):
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_batch_on_a_dask_executor_is_that_of_this_process(batch):
    batch.write("scenarios: [{name: One, inflow: dry}, {name: Too much, goals: {min_mw: 5000}}]\n")
    run(batch)
    alone = contents(batch.out)
    batch.out = batch.out.with_name("dask")
    with (
        dask.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        runs, ran = run(batch, executor=client.get_executor())
    assert ran == ["One", "Too much"]
    assert runs.table["outcome"].tolist() == ["done", "infeasible"]
    assert contents(batch.out) == alone


@pytest.mark.slow
def test_one_process_two_and_a_local_cluster_give_the_same_bytes(batch):
    batch.write(SCENARIOS)
    one, two, cluster = (batch.out / name for name in ("one", "two", "cluster"))
    gp.run_batch(batch.file, one, jobs=1)
    gp.run_batch(batch.file, two, jobs=2)
    with (
        dask.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as local,
        dask.Client(local) as client,
    ):
        gp.run_batch(batch.file, cluster, executor=client.get_executor(), jobs=2)
    assert len(contents(one)) == 3 + 5 * 7  # all runs, and five plans
    assert contents(one) == contents(two) == contents(cluster)


@pytest.mark.slow
def test_a_dask_worker_that_dies_costs_nothing_but_time(batch, scheduler):
    _, address, worker = scheduler
    batch.write(SCENARIOS)
    run(batch)
    alone = contents(batch.out)
    batch.out = batch.out.with_name("dask")
    first = worker("--no-nanny")
    command = Command(batch, "--scheduler", address)
    command.in_the_middle()
    os.killpg(first.pid, signal.SIGKILL)
    worker("--no-nanny")
    code, told = command.end()
    assert code == 0, told
    assert contents(batch.out) == alone
    assert len(logged(batch.out)) == len(set(logged(batch.out))) == len(NAMES)
    assert sound(batch.out)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_told_and_what_is_done_is_kept(batch, scheduler):
    main, address, worker = scheduler
    batch.write(SCENARIOS)
    worker("--no-nanny")
    command = Command(batch, "--scheduler", address)
    command.in_the_middle()
    main.kill()
    code, told = command.end()
    assert code == 4
    assert "what is finished is kept, start again for the rest" in told
    assert "Traceback" not in told
    done = gp.open_runs(batch.out)
    assert 0 < len(done.records) < len(NAMES)
    ran = run(batch)[1]  # and it goes on anywhere
    assert sorted([*ran, *(record.scenario for record in done.records)]) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_a_scenario_that_kills_every_worker_fails_alone(batch, monkeypatch, where):
    batch.write(SCENARIOS)
    monkeypatch.setattr(workers, "run_task", run_or_die)
    if where == "processes":
        runs = gp.run_batch(batch.file, batch.out, jobs=2)
    else:
        with (
            config.set({"distributed.scheduler.allowed-failures": 0}),
            dask.LocalCluster(
                n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
            ) as local,
            dask.Client(local) as client,
        ):
            runs = gp.run_batch(batch.file, batch.out, executor=client.get_executor())
    outcome = runs.table["outcome"].to_dict()
    assert outcome.pop("No quay") == "failed"
    assert outcome.pop("Too much") == "infeasible"
    assert set(outcome.values()) == {"done"}
    assert "killed, twice" in runs.table.loc["No quay", "error"]
    assert sorted(logged(batch.out)) == sorted({record.digest for record in runs.records})
    assert sound(batch.out)


def test_a_worker_that_lacks_a_folder_or_has_another_version_says_so(batch):
    batch.write("scenarios: [{name: One}]\n")
    scenarios = gp.read_scenarios(batch.file)
    (task,) = tasks_of(scenarios, list(scenarios), batch.out, 1)
    ran = []
    with pytest.raises(GridplanError, match=r"does not see .*runs.* on a disk that all computers"):
        workers.work(ran.append, task, "")
    batch.out.mkdir()
    write_listing(batch.out, [])
    elsewhere = replace(task, folder=str(batch.out / "tiny"))
    with pytest.raises(GridplanError, match=r"does not see .*tiny"):
        workers.work(ran.append, elsewhere, "")
    older = replace(task, versions={**task.versions, "pypsa_version": "1.3.0"})
    with pytest.raises(GridplanError, match=r"has pypsa .*, not 1\.3\.0"):
        workers.work(ran.append, older, "")
    workers.work(ran.append, task, "")
    assert ran == [task]


def test_a_scenario_runs_with_one_thread_of_blas(batch):
    import numpy  # noqa: F401 - loads BLAS

    batch.write("scenarios: [{name: One}]\n")
    scenarios = gp.read_scenarios(batch.file)
    (task,) = tasks_of(scenarios, list(scenarios), batch.out, 1)
    batch.out.mkdir()
    write_listing(batch.out, [])
    with threadpool_limits(2):
        found = workers.work(lambda _: threadpool_info(), task, "")
    assert {one["num_threads"] for one in found} == {1}


def test_a_scheduler_that_does_not_answer_is_told_in_time():
    begun = time.monotonic()
    with (
        pytest.raises(GridplanError, match=r"answers at tcp://127\.0\.0\.1:1 within 1 s"),
        connected("tcp://127.0.0.1:1", answer_s=1.0),
    ):
        pass
    assert time.monotonic() - begun < 10


def test_an_address_that_is_none_is_told():
    with pytest.raises(GridplanError, match="no Dask scheduler answers"), connected("nonsense:x"):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(GridplanError, match=r"trondelag-gridplan\[cluster\]"),
        connected("tcp://a:1"),
    ):
        pass
