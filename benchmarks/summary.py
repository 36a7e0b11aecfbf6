"""What the tables of a page of measurements come to: the least and the greatest of their medians.

python benchmarks/summary.py [PAGE]
"""

from collections.abc import Iterable
from pathlib import Path

from arguments import old_file, parser
from tables import head, line, number, table

PAGE = Path(__file__).with_name("README.md")
OTHERS = ("× eager", "× vmap", "× jax_expert", "× scikit", "× lightning_trainer", "× peak")
CASES = ("shape", "optimiser", "activation")
KEPT = "share of the engine's rate"
Rows = list[dict[str, str]]


def throughput(page: str) -> str:
    """Return the ratios by shape, of one network alone, of 16, and of 64 and more."""
    told = [head(("shape", "networks", *OTHERS))]
    for shape, rows in by_shape(table(page, *CASES, "networks")).items():
        for named, some in by_networks(rows).items():
            told.append(line((shape, named, *(between(some, column) for column in OTHERS))))
    return "\n".join(told)


def by_shape(rows: Rows) -> dict[str, Rows]:
    """Return the rows of each shape."""
    return {shape: [row for row in rows if row["shape"] == shape] for shape in dict.fromkeys(x["shape"] for x in rows)}


def by_networks(rows: Rows) -> dict[str, Rows]:
    """Return the rows of one network, of few, and of as many as the ratios no longer depend on much."""
    found: dict[str, Rows] = {"1": [], "16": [], "64 and more": []}
    for row in rows:
        found[row["networks"] if row["networks"] in found else "64 and more"].append(row)
    return found


def between(rows: Rows, column: str) -> str:
    """Return the least and the greatest of a column's medians, as they are printed."""
    medians = sorted((row[column].split()[0] for row in rows if row[column]), key=number)
    return f"{medians[0]} … {medians[-1]}" if medians else ""


def beyond_vmap(page: str) -> str:
    """Return what share of the peak four times vmap's rate would be, by shape."""
    found = []
    for shape, rows in by_shape(table(page, *CASES, "networks")).items():
        some = by_networks(rows)["64 and more"]
        shares = [4.0 * number(row["× peak"]) / number(row["× vmap"]) for row in some]
        above = sum(share > 1.0 for share in shares)
        found.append(f"{spread(shares)} at {shape} (above 1 in {above} cells of {len(shares)})")
    return f"Four times vmap's rate, as a share of the peak: {', '.join(found)}."


def breakdown(page: str) -> str:
    """Return how many times longer products take than at the peak, and what share of the whole the other parts are."""
    told = [head(("shape", "products, in times of the same at the peak", "all other parts, as a share of the whole"))]
    for shape, rows in by_shape(table(page, *CASES, "whole")).items():
        times = [number(row["products"]) / number(row["products at the peak"]) for row in rows]
        shares = [(sum(parts(row)) - number(row["products"])) / number(row["whole"]) for row in rows]
        told.append(line((shape, spread(times), spread(shares))))
    return "\n".join(told)


def parts(row: dict[str, str]) -> list[float]:
    """Return the times of the operations in a row of the breakdown."""
    columns = list(row)
    return [number(row[column]) for column in columns[columns.index("products") : columns.index("difference")]]


def in_short(page: str) -> str:
    """Return the sentences that README has of it."""
    shapes = by_shape(table(page, *CASES, "networks"))
    eager = [
        f"{between(by_networks(rows)['64 and more'], '× eager')} times at {shape}" for shape, rows in shapes.items()
    ]
    alone = between([row for row in table(page, *CASES, "networks") if row["networks"] == "1"], "× eager")
    trained = [row for row in table(page, "trained", KEPT) if "examples" in row["trained"]]
    kept = spread(number(share) for row in trained for share in row[KEPT].split(","))
    return (
        f"Against an eager PyTorch loop over the same networks, 64 and more of them: {', '.join(eager)}. "
        f"One network alone: {alone} times. `train` keeps {kept} of the engine's rate."
    )


def spread(values: Iterable[float]) -> str:
    """Return the least and the greatest."""
    ordered = sorted(values)
    return f"{ordered[0]:.2f} … {ordered[-1]:.2f}"


def main() -> None:
    """Print what the page's tables come to."""
    asked = parser(__doc__)
    asked.add_argument("page", nargs="?", type=old_file, default=PAGE, help="with tables as the scripts print them")
    page = asked.parse_args().page.read_text(encoding="utf-8")
    print("\n\n".join(told(page) for told in (throughput, beyond_vmap, breakdown, in_short)))


if __name__ == "__main__":
    main()
