from sigmoid_lab.view.curve import Canvas

BLANK = 0x2800


def dots(canvas: Canvas) -> set[tuple[int, int]]:
    """Return the (column, row) of every dot drawn, counted from the upper left."""
    bits = {
        0x01: (0, 0),
        0x02: (0, 1),
        0x04: (0, 2),
        0x40: (0, 3),
        0x08: (1, 0),
        0x10: (1, 1),
        0x20: (1, 2),
        0x80: (1, 3),
    }
    return {
        (2 * x + dx, 4 * y + dy)
        for y, row in enumerate(canvas.cells)
        for x, (cell, _) in enumerate(row)
        for bit, (dx, dy) in bits.items()
        if cell & bit
    }


def test_corners_are_where_they_belong() -> None:
    canvas = Canvas(5, 3, left=-1, right=1, low=0, high=1)
    canvas.dot([-1, 1, -1, 1], [1, 1, 0, 0], "")
    assert dots(canvas) == {(0, 0), (9, 0), (0, 11), (9, 11)}


def test_a_line_has_no_gaps() -> None:
    canvas = Canvas(10, 10, left=0, right=1, low=0, high=1)
    canvas.line([0, 1], [0, 1], "")
    drawn = dots(canvas)
    assert {column for column, _ in drawn} == set(range(20))
    assert {row for _, row in drawn} == set(range(40))


def test_what_lies_outside_or_is_not_finite_is_left_out() -> None:
    canvas = Canvas(4, 4, left=0, right=1, low=0, high=1)
    canvas.dot([0.5, 2.0, 0.5, 0.5], [5.0, 0.5, float("nan"), float("inf")], "")
    canvas.line([0.0, 0.5, 1.0], [float("nan"), float("inf"), 0.0], "")
    assert dots(canvas) == set()


def test_the_drawing_names_its_bounds() -> None:
    text = Canvas(10, 4, left=-6, right=6, low=0, high=1).render().plain
    first, *_, lowest, last = text.splitlines()
    assert first.startswith("1 │")
    assert lowest.startswith("0 │")
    assert last.split() == ["-6", "6"]
