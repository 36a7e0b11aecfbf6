"""Words for groups and counts."""

import pytest

from sigmoid_lab.wording.labels import networks


@pytest.mark.parametrize(("count", "words"), [(1, "1 network"), (2, "2 networks"), (100_000, "100,000 networks")])
def test_networks_are_counted_in_words(count: int, words: str) -> None:
    assert networks(count) == words
