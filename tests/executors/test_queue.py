"""How often a stack is tried, and what comes of it."""

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.executors.queue import ATTEMPTS, OnRetry, Queue
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import EndColumns, StackFailure, StackResult, StackRetry


def queue_of_two(on_retry: OnRetry = lambda _: None) -> Queue:
    experiment = Experiment.model_validate({"seeds": 2, "compare": {"loss": ["mse", "max-form"]}})
    return Queue(Plan(experiment, {}).stacks(), on_retry)


def test_a_stack_that_failed_comes_before_the_next() -> None:
    queue = queue_of_two()
    queue.next()
    assert queue.settle(StackFailure(0, 0, (0, 1), "lost")) is None
    order = [queue.next(), queue.next(), queue.next()]
    assert [stack.index if stack else None for stack in order] == [0, 1, None]


def test_a_stack_that_fails_every_time_is_reported_and_tried_no_more() -> None:
    queue = queue_of_two()
    told = []
    for _ in range(ATTEMPTS):
        queue.next()
        told.append(queue.settle(StackFailure(0, 0, (0, 1), "lost")))
    assert told[:-1] == [None] * (ATTEMPTS - 1)
    assert told[-1] == StackFailure(0, 0, (0, 1), f"lost ({ATTEMPTS} attempts)")
    following = queue.next()
    assert following is not None
    assert following.index == 1


def test_every_other_attempt_is_told() -> None:
    told: list[StackRetry] = []
    queue = queue_of_two(told.append)
    for _ in range(ATTEMPTS):
        queue.next()
        queue.settle(StackFailure(0, 0, (0, 1), "lost"))
    assert told == [StackRetry(0, 0, (0, 1), "lost", attempt, ATTEMPTS) for attempt in range(2, ATTEMPTS + 1)]


def test_a_result_is_reported_at_once() -> None:
    queue = queue_of_two()
    queue.next()
    result = StackResult(0, 0, (), (), EndColumns((), (), (), (), ()), {}, 1.0)
    assert queue.settle(result) is result
