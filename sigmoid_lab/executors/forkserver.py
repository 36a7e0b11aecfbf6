"""The server from which worker processes are forked: a process that has loaded the engine and does nothing else."""

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext

from sigmoid_lab.executors.signals import held_back


def started() -> ForkServerContext:
    """Start the server, which loads while this process goes on, and return the context that forks from it.

    Ctrl-C never comes to the server or to what it forks: it is the driver's to handle.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sigmoid_lab.engine.execute"])
    resource_tracker.ensure_running()  # which would let Ctrl-C through again
    with held_back(signal.SIGINT):
        forkserver.ensure_running()
    return context
