"""What can go wrong by the user's doing, said with place, cause and mend."""

from collections.abc import Sequence


class LabError(Exception):
    """A fault of the user's: one or more lines, each naming place, value and mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PartlyFailedError(LabError):
    """A run that could not go on; its last line says what is kept."""


def nearest(word: str, words: Sequence[str]) -> str:
    """Return ``; did you mean 'x'?`` for the word of ``words`` most like ``word``, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, words, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
