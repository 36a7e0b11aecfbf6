"""An exception of the user's code, told by their own lines."""

import traceback

from sigmoid_lab.doctor.operations import relative
from sigmoid_lab.doctor.recording import HERE, TORCH
from sigmoid_lab.errors import LabError


def users_fault(error: BaseException, doing: str) -> LabError:
    """Tell an exception of the user's code by the lines of theirs that led to it."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((TORCH, HERE, "<"))
    ]
    lines = [f"  {relative(frame.filename)}:{frame.lineno}, in {frame.name}: {frame.line}" for frame in frames]
    message = str(error).strip().partition("\n")[0]
    return LabError(f"{doing} raises {type(error).__name__}: {message}", *lines)
