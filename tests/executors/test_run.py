"""What is settled before any stack runs: whether it can, and on how many processes."""

import json
import os
import subprocess
import sys
from math import sqrt
from pathlib import Path

import pytest

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.environment import free_memory
from sigmoid_lab.errors import LabError
from sigmoid_lab.executors.run import WORTH_PROCESSES, refuse_what_cannot_run, worker_count
from sigmoid_lab.plan import Plan


def plan_for(**raw: object) -> Plan:
    return Plan(Experiment.model_validate(raw), {})


def test_a_network_that_finds_no_room_is_refused_with_what_it_needs_and_what_there_is() -> None:
    plan = plan_for(network={"widths": [65_536] * 10})
    needed = plan.network_bytes(plan.groups[0]) / 1e9
    assert needed > 500
    with pytest.raises(LabError, match=rf"network: one network needs about {needed:.3g} GB, and [\d.]+ GB are free"):
        refuse_what_cannot_run(plan)


def test_the_least_network_that_finds_no_room_is_named_and_the_others_counted() -> None:
    plan = plan_for(network={"depth": 10, "width": 64}, compare={"network.width": [8, 65_536, 60_000]})
    with pytest.raises(LabError) as refused:
        refuse_what_cannot_run(plan)
    (problem,) = refused.value.problems
    assert problem.startswith("network: one network with network.width 60000 needs")
    assert "; 1 more need as much or more; " in problem


def test_networks_that_find_room_are_not_refused() -> None:
    refuse_what_cannot_run(plan_for(seeds=1_000_000))


def test_free_memory_is_what_the_system_says_within_what_it_has() -> None:
    total = int(Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]) * 1024
    assert 0 < free_memory() <= total


def test_little_work_is_done_here_and_much_on_every_core() -> None:
    little, much = plan_for(seeds=2, training={"steps": 1}), plan_for(seeds=1000, training={"steps": 10_000})
    assert little.operations < WORTH_PROCESSES < much.operations
    assert worker_count(little, None, 1_000) == 1
    assert worker_count(much, None, 1_000) == len(os.sched_getaffinity(0))


def test_no_more_processes_than_find_room_at_once() -> None:
    width = int(sqrt(0.75 * free_memory() / 24))  # two numbers of 8 bytes and two of 4 a weight
    plan = plan_for(network={"widths": [width, width]}, training={"steps": 1000})
    assert free_memory() / 2 < plan.stack_bytes(plan.groups[0]) < free_memory()
    assert worker_count(plan, None, 1_000) == 1


MEASURED = """
import json, sys
from pathlib import Path
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.plan import Plan

def held(what):
    return 1024 * int(Path("/proc/self/status").read_text().partition(what + ":")[2].split()[0])

def run(values):
    plan = Plan(Experiment.model_validate(values), {})
    for stack in plan.stacks():
        execute(stack, lambda progress: None)
    return plan.stack_bytes(plan.groups[0])

run({"network": {"depth": 1, "width": 4}, "training": {"steps": 1}})
before = held("VmRSS")
estimated = run(json.loads(sys.argv[1]))
print((held("VmHWM") - before) / estimated)
"""


@pytest.mark.parametrize(
    "sizes",
    [
        {"data": {"samples": 500_000}, "network": {"depth": 1, "width": 8}},
        {"data": {"samples": 100}, "network": {"depth": 2, "width": 3000}, "optimizer": {"kind": "adam"}},
    ],
    ids=["mostly data", "mostly weights"],
)
def test_what_a_stack_takes_is_no_more_than_the_estimate_and_not_far_below(sizes: dict[str, object]) -> None:
    values = json.dumps({**sizes, "training": {"steps": 2}, "seeds": 1})
    told = subprocess.run([sys.executable, "-c", MEASURED, values], check=True, capture_output=True, text=True)
    assert 0.4 < float(told.stdout) < 1.1
