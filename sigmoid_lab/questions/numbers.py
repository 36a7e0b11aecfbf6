"""Numbers that people type."""

from sigmoid_lab.errors import LabError


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers separated by commas; raise LabError naming the first that is none."""
    found = []
    for word in text.split(","):
        try:
            found.append(float(word))
        except ValueError:
            raise LabError(f"--at: '{word.strip()}' is no number; write for example --at -5,0,5") from None
    return tuple(found)
