"""Fronts of searches: a drawing for each set, and the points that nothing else beats with the commands to ship them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from headstart.reports.compression_plot import Mark, ParetoPlot, pareto_plot

LEFT, TOP, WIDE, HIGH, BELOW = 70, 50, 700, 340, 60  # pixels: margins and the area of the points
ONE = {"throughput": "one input among 32"} | dict.fromkeys(("latency", "both"), "one input")
INK, QUIET, OWN, GRID = "#1f2933", "#64748b", "#0f766e", "#e2e8f0"


def drawing_of(run: Mapping[str, Any], max_drop: float, by: str) -> str | None:
    """SVG of the points of one search; None where fewer than two were timed."""
    plot = pareto_plot(run["points"], run["chosen"], max_drop, by)
    if plot is None:
        return None
    title = f"{run['set']}, seed {run['seed']}: points of {run['primary']} held out, by milliseconds of {ONE[by]}"
    inside = [*_axes(plot), *(part for mark in plot.marks for part in _mark(mark))]
    size = f'width="{LEFT + WIDE + 30}" height="{TOP + HIGH + BELOW}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="{INK}">',
            f"<title>{escape(title)}</title>",
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{escape(title)}</text>',
            *inside,
            "</svg>\n",
        ]
    )


def front_of(run: Mapping[str, Any]) -> list[str]:
    """Lines of markdown: the points of the front, fastest last, and how each is shipped."""
    rows = [(number, each) for number, each in enumerate(run["points"]) if each["front"] or number == 0]
    rows.sort(key=lambda row: row[1]["speedup"])
    lines = ["| point | ms, one | ms, each of 32 | times as fast | times smaller | held out | expected | |",
             "|--|--|--|--|--|--|--|--|"]  # fmt: skip
    for number, each in rows:
        took = each["milliseconds"]
        cells = [
            f"{number}: {each['name']}", f"{took['alone']:.2f}", f"{took['batch']:.2f}", f"{each['speedup']:.2f}",
            f"{each['smaller']:.2f}",
        ]  # fmt: skip
        if number == 0:
            lines.append(f"| {' | '.join(cells)} | {each['score']:.3f} | | |")
            continue
        how = "ships" if each["name"] == run["chosen"] else f"`headstart compress OUT --pick {number} --out NEW`"
        lines.append(f"| {' | '.join(cells)} | {_lost(each)} | {each['expected']:+.1f} | {how} |")
    return lines


def _lost(each: Mapping[str, Any]) -> str:
    gap = each["difference"]
    unit = each["points"] / gap["value"] if gap["value"] else 100.0
    return f"{each['points']:+.1f} ({unit * gap['low']:+.1f} to {unit * gap['high']:+.1f})"


def _axes(plot: ParetoPlot) -> list[str]:
    parts = []
    for tick in plot.y_axis.ticks:
        y = _y(100 - tick.at)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y}" y2="{y}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(tick.label)}</text>')
    for tick in plot.x_axis.ticks:
        parts.append(
            f'<text x="{_x(tick.at)}" y="{TOP + HIGH + 20}" text-anchor="middle">{escape(tick.label)} ms</text>'
        )
    parts.append(_level(plot.zero, ""))
    if plot.allowed is not None:
        parts.append(_level(plot.allowed, "5 4"))
        place = f'x="{LEFT + WIDE - 4}" y="{_y(plot.allowed) + 14}" text-anchor="end"'
        parts.append(f'<text {place} fill="{QUIET}">as much as may be lost</text>')
    if plot.front:
        places = (place.split(",") for place in plot.front.split())
        line = " ".join(f"{_x(float(x))},{_y(float(y))}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{OWN}" stroke-width="1.5"/>')
    return parts


def _level(at: float, dashes: str) -> str:
    y = _y(at)
    return f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y}" y2="{y}" stroke="{QUIET}" stroke-dasharray="{dashes}"/>'


def _mark(mark: Mark) -> list[str]:
    x, y, is_beaten = _x(mark.x), _y(mark.y), mark.style == "beaten"
    parts = []
    if mark.low is not None and mark.high is not None:
        colour = GRID if is_beaten else OWN
        parts.append(f'<line x1="{x}" x2="{x}" y1="{_y(mark.low)}" y2="{_y(mark.high)}" stroke="{colour}"/>')
    fill = {"beaten": "white", "base": INK}.get(mark.style, OWN)
    if mark.style == "chosen":
        parts.append(f'<circle cx="{x}" cy="{y}" r="9" fill="none" stroke="{OWN}" stroke-width="2"/>')
    told = f"<title>{escape(mark.text)}</title>"
    parts.append(
        f'<circle cx="{x}" cy="{y}" r="{4 if is_beaten else 5}" fill="{fill}" stroke="{QUIET}">{told}</circle>'
    )
    if mark.label:
        end, away = ("end", -12) if mark.is_right else ("start", 12)
        parts.append(f'<text x="{x + away}" y="{y - 7}" text-anchor="{end}">{escape(mark.label)}</text>')
    return parts


def _x(percent: float) -> float:
    return round(LEFT + WIDE * percent / 100, 1)


def _y(percent: float) -> float:
    return round(TOP + HIGH * percent / 100, 1)
