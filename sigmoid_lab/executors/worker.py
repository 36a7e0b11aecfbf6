"""One worker: a process of one thread that runs stacks, and how the driver converses with it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import forkserver, here
from sigmoid_lab.executors.queue import ATTEMPTS
from sigmoid_lab.executors.shared_file import SharedFile
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

SECONDS_BETWEEN_PROGRESS = 0.1
SECONDS_TO_START = 60.0
"""How long a worker that was forked may take to say that it is there."""

SECONDS_TO_END = 5.0
"""How long to wait to be told that a process that was killed has ended."""

WRITTEN = "written"
"""What either side says of the file that both have open: the driver wrote a stack there, the worker what it gave."""
READY = "ready"
"""A worker's first word."""
OF_A_LOST_SERVER = 255
"""The exit code of a worker, as Python tells it, whose fork server died."""

Message = Progress | StackResult | StackFailure


class Worker:
    """A process, the stack that it has, and for how long it was silent.

    What goes through the connection is small: nobody waits for one that stops in the middle of it.
    """

    stack: Stack

    def __init__(self, process: BaseProcess, connection: Connection, shared: SharedFile) -> None:
        self.process, self.connection, self.shared = process, connection, shared
        self.silent = 0.0
        self.ended = False

    @classmethod
    def started(cls) -> Worker:
        """Start a worker; raise PartlyFailedError where that fails a few times."""
        cause = ""
        for _ in range(ATTEMPTS):
            try:
                return cls(*_fork())
            except (EOFError, OSError) as error:
                cause = str(error)
        raise PartlyFailedError(
            f"no worker process can be started ({cause}; {ATTEMPTS} attempts); a script that trains on several workers "
            'guards what it does with `if __name__ == "__main__":`'
        )

    def give(self, stack: Stack) -> None:
        """Let the worker run a stack; that it died before shows when it is heard."""
        self.stack, self.silent = stack, 0.0
        _put(stack, self.shared, stack)
        with suppress(OSError):
            self.connection.send(WRITTEN)

    def heard(self) -> Message:
        """Return what the worker tells, or that its stack failed because it died."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            return here.failure(self.stack, _death(self.end()))
        return message if isinstance(message, Progress) else self._given()

    def _given(self) -> StackResult | StackFailure:
        try:
            given: StackResult | StackFailure = self.shared.take()
        except MemoryError:
            return here.failure(self.stack, "ran out of memory where its result was to be taken")
        return given

    def end(self) -> int | None:
        """End the process, however it is; return its exit code, once its end is told."""
        if self.ended:
            return None
        self.process.kill()
        self.process.join(SECONDS_TO_END)
        exit_code = self.process.exitcode
        if not self._hung_up() and self.process.pid is not None:  # it lives: a server that died told of its end
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.ended = True
        self.connection.close()
        self.shared.close()
        if exit_code is not None:
            self.process.close()
        return exit_code

    def _hung_up(self) -> bool:
        """Return whether the process's end of the connection is closed, or is so soon."""
        with suppress(EOFError, OSError):
            while self.connection.poll(SECONDS_TO_END):
                self.connection.recv()
            return False
        return True


def _fork() -> tuple[BaseProcess, Connection, SharedFile]:
    """Start a process that runs stacks; return it once it is ready; raise EOFError or OSError where it never is."""
    context = forkserver.started()
    with ExitStack() as on_failure:
        connection, theirs = context.Pipe()
        on_failure.callback(connection.close)
        with theirs:
            shared = SharedFile()
            on_failure.callback(shared.close)
            process = context.Process(target=_work, args=(theirs, shared), daemon=True)
            process.start()
        on_failure.callback(process.kill)
        _hear_that_it_is_ready(connection)
        on_failure.pop_all()
    return process, connection, shared


def _hear_that_it_is_ready(connection: Connection) -> None:
    if not connection.poll(SECONDS_TO_START):
        raise TimeoutError(f"the last one said nothing for {SECONDS_TO_START:g} seconds")
    try:
        connection.recv()
    except EOFError:
        raise EOFError("the last one ended before it was ready") from None


def _death(exit_code: int | None) -> str:
    """Say what ended a worker; a negative exit code is a signal's number, and null that its end is not told yet."""
    if exit_code is None or exit_code == OF_A_LOST_SERVER:
        return "its worker process was lost"
    if exit_code == -signal.SIGKILL:
        return "its worker process was killed (SIGKILL, which the system also sends where memory runs out)"
    names = {-number: number.name for number in signal.Signals}
    unnamed = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    return f"its worker process died ({names.get(exit_code, unnamed)})"


def _put(value: Stack | StackResult | StackFailure, shared: SharedFile, stack: Stack) -> None:
    """Put a value, or, where there is no room for it, that its stack failed."""
    try:
        shared.put(value)
    except (OSError, MemoryError) as error:
        cause = str(error) or "out of memory"
        shared.put(here.failure(stack, f"could not be handed from process to process ({cause})"))


def _work(connection: Connection, shared: SharedFile) -> None:
    """Run, in a worker, every stack that comes."""
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS or progress.step == progress.steps:
            told = time.monotonic()
            connection.send(progress)

    with suppress(EOFError, ConnectionError):  # the driver is gone
        connection.send(READY)
        while True:
            connection.recv()
            if isinstance(given := shared.take(), Stack):
                for result in here.run([given], tell):
                    _put(result, shared, given)
                del given, result  # which the next stack may need the room of
            connection.send(WRITTEN)
