"""The rooms as a picture: one row of boxes per layer, the highest on top, and an arrow for each import.

SVG that is written here needs no library, no script in the browser and no network, and its words can be searched for.
"""

from __future__ import annotations

from html import escape

from rooms import Room, direct

WIDTH, ROW, BOX_HEIGHT, CHARACTER, PADDING = 760, 64, 30, 8.2, 22
GAPS = (90, 250)  # between boxes, in rows by turns
SIDES = (-170, 0, 170)  # of the middle, where a row of one box stands, by turns
STYLE = """
.rooms { max-width: 100%; height: auto; font: 13px var(--md-code-font-family, monospace) }
.rooms rect { fill: var(--md-code-bg-color, #f5f5f5); stroke: var(--md-primary-fg-color, #3f51b5) }
.rooms text { fill: var(--md-default-fg-color, #222); text-anchor: middle; dominant-baseline: central }
.rooms path { fill: none; stroke: var(--md-default-fg-color--light, #777); stroke-width: 1.1 }
.rooms .tip { fill: var(--md-default-fg-color--light, #777); stroke: none }
.rooms g:hover rect { fill: var(--md-accent-fg-color--transparent, #dde) }
"""
TIP = """<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path class="tip" d="M0,0 8,4 0,8z"/></marker></defs>"""


def svg(rooms: list[Room]) -> str:
    """The whole drawing, in a block of HTML as Markdown knows it, and so without an empty line."""
    places = placed(rooms)
    height = ROW * (max(room.layer for room in rooms) + 1)
    arrows = [arrow(places[here], places[there]) for here, named in direct(rooms).items() for there in sorted(named)]
    boxes = [box(room, *places[room.name]) for room in rooms]
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
    opening = f'<svg class="rooms" {size} role="img" aria-label="Rooms by layer">'
    head = [opening, f"<style>{STYLE.strip()}</style>", TIP]
    return "\n".join(["<figure>", *head, *arrows, *boxes, "</svg>", "</figure>"])


def width(name: str) -> float:
    """Of a room's box."""
    return len(name) * CHARACTER + PADDING


def placed(rooms: list[Room]) -> dict[str, tuple[float, float]]:
    """The centre of each room's box; rows differ from their neighbours, so that arrows pass beside boxes."""
    top = max(room.layer for room in rooms)
    found = {}
    for layer in range(top + 1):
        row = [room.name for room in rooms if room.layer == layer]
        gap = GAPS[layer % len(GAPS)]
        total = sum(width(name) for name in row) + gap * (len(row) - 1)
        left = (WIDTH - total) / 2 + (0 if len(row) > 1 else SIDES[layer % len(SIDES)])
        for name in row:
            found[name] = (left + width(name) / 2, ROW * (top - layer) + ROW / 2)
            left += width(name) + gap
    return found


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A curve from the lower edge of one box to the upper edge of another."""
    (x0, y0), (x1, y1) = (start[0], start[1] + BOX_HEIGHT / 2), (end[0], end[1] - BOX_HEIGHT / 2)
    middle = (y0 + y1) / 2
    curve = f"M{x0:.0f},{y0:.0f} C{x0:.0f},{middle:.0f} {x1:.0f},{middle:.0f} {x1:.0f},{y1:.0f}"
    return f'<path d="{curve}" marker-end="url(#tip)"/>'


def box(room: Room, x: float, y: float) -> str:
    """A room's name in its box, which leads to the room's row in the table."""
    wide = width(room.name)
    return (
        f'<a href="#{room.name}"><g><title>{escape(room.purpose)}</title>'
        f'<rect x="{x - wide / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}" width="{wide:.0f}" height="{BOX_HEIGHT}" rx="5"/>'
        f'<text x="{x:.0f}" y="{y:.0f}">{escape(room.name)}</text></g></a>'
    )
