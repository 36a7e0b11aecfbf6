"""One file that holds a whole page: words, figures, their data, and the library that draws them; it asks nobody."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from sigmoid_lab.report.style import themed

if TYPE_CHECKING:
    from sigmoid_lab.report.figure import Figure

TEMPLATE = "document.html"


def document(title: str, body: str) -> str:
    """Return a page with the library inlined; its content policy forbids every request."""
    import vl_convert

    template = Template(files("sigmoid_lab.report").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    library = vl_convert.javascript_bundle(None).replace("</script", "<\\/script")
    return template.substitute(title=escape(title), body=body, library=library)


def section(figure: "Figure") -> str:
    """Return a figure under its title, with its data one click away."""
    kind = "panels small" if figure.small else "panels"
    panels = "".join(_panel(themed(chart)) for chart in figure.charts)
    link = f'<p><a download="{escape(figure.title)}.csv">Download as csv</a></p>'
    return (
        f"<section><h2>{escape(figure.title)}</h2>"
        f'<figure><figcaption class="caption">{escape(figure.caption)}</figcaption>'
        f'<div class="{kind}">{panels}</div></figure>'
        f"<details><summary>Data: {len(figure.rows):,} rows</summary>{table(figure.rows)}{link}</details></section>"
    )


def _panel(spec: Mapping[str, Any]) -> str:
    content = json.dumps(spec, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return f'<div class="panel"><script type="application/json">{content}</script></div>'


def table(rows: Iterable[Mapping[str, Any]], kind: str = "data", marked: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return plain rows as a table, numbers as JSON has them; a column for each key of the first row."""
    rows = list(rows)
    heads = "".join(f"<th>{escape(key)}</th>" for key in (rows[0] if rows else ()))
    lines = (f"<tr{' class=marked' if row in marked else ''}>{''.join(map(_cell, row.values()))}</tr>" for row in rows)
    content = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="scroll {kind}"><table>{content}</table></div>'


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f'<td class="word">{escape(value)}</td>'
    return f"<td>{escape(json.dumps(value, ensure_ascii=False))}</td>"
