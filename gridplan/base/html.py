"""Small tables in HTML, for what notebooks show of a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

LINE = "padding:.2em .8em;border-bottom:1px solid #c9ccd0;text-align:"


def figures_html(heading: str, rows: Iterable[tuple[str, str]]) -> str:
    """Write figures under each other.

    Parameters
    ----------
    heading : str
        Stands above them.
    rows : iterable of (str, str)
        Name and value.

    Returns
    -------
    str
        An HTML table.

    Examples
    --------
    >>> "<td" in figures_html("Today", [("Buses", "5")])
    True
    """
    return _table(heading, (), ((label, value) for label, value in rows))


def table_html(heading: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose first column holds names and the others figures or words.

    Parameters
    ----------
    heading : str
        Stands above it.
    header : sequence of str
        Name of every column.
    rows : iterable of sequence of str
        A cell for each column.

    Returns
    -------
    str
        An HTML table.
    """
    return _table(heading, header, rows)


def _table(heading: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ['<table style="border-collapse:collapse">']
    lines.append(
        '<caption style="text-align:left;font-weight:bold;padding:.3em .8em">'
        f"{escape(heading)}</caption>"
    )
    if header:
        first, *others = header
        cells = f'<th scope="col" style="{LINE}left">{escape(first)}</th>'
        cells += "".join(
            f'<th scope="col" style="{LINE}right">{escape(name)}</th>' for name in others
        )
        lines.append(f"<thead><tr>{cells}</tr></thead>")
    lines.append("<tbody>")
    for name, *values in rows:
        cells = f'<th scope="row" style="{LINE}left;font-weight:normal">{escape(name)}</th>'
        cells += "".join(f'<td style="{LINE}right">{escape(value)}</td>' for value in values)
        lines.append(f"<tr>{cells}</tr>")
    lines.append("</tbody></table>")
    return "\n".join(lines)
