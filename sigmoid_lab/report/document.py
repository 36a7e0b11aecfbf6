"""One file that holds a whole page: words, figures, their data, and the library that draws them; it asks nobody."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

TEMPLATE = "document.html"


def document(title: str, body: str) -> str:
    """Return a page with the library inlined; its content policy forbids every request."""
    import vl_convert

    template = Template(files("sigmoid_lab.report").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    library = vl_convert.javascript_bundle(None).replace("</script", "<\\/script")
    return template.substitute(title=escape(title), body=body, library=library)


def panel(spec: Mapping[str, Any]) -> str:
    """Return the place of a figure, with the figure in it as data."""
    content = json.dumps(spec, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return f'<div class="panel"><script type="application/json">{content}</script></div>'


def table(rows: Iterable[Mapping[str, Any]], kind: str = "data") -> str:
    """Return plain rows as a table, numbers as JSON has them; a column for each key of the first row."""
    rows = list(rows)
    heads = "".join(f"<th>{escape(key)}</th>" for key in (rows[0] if rows else ()))
    lines = ("<tr>" + "".join(map(_cell, row.values())) + "</tr>" for row in rows)
    content = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="scroll {kind}"><table>{content}</table></div>'


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    return f'<td class="number">{escape(json.dumps(value, ensure_ascii=False))}</td>'
