"""How much of everything a page shows, so that none grows with what a file says.

What is cut is counted: "… and 12 more". If a page comes out too long the next, narrower bounds are
taken, of which the last hold whatever the files say.
"""

from __future__ import annotations

from ...scanners.record import record

MOST = 500_000  # bytes of a page


@record
class Bounds:
    """The most that is shown of each kind of thing."""

    targets: int  # told in full
    rules: int  # with findings, of a target
    places: int  # of one rule
    rows: int  # of a table
    nodes: int  # of a drawing
    room: int  # characters of a text in a line
    passage: int  # characters of a text of several lines


# What people read last gives way first: rows and texts of the card, then places, then rules.
LEVELS = (
    Bounds(targets=30, rules=100, places=20, rows=100, nodes=24, room=300, passage=4_000),
    Bounds(targets=20, rules=60, places=12, rows=30, nodes=16, room=300, passage=1_000),
    Bounds(targets=10, rules=40, places=8, rows=12, nodes=12, room=200, passage=400),
    Bounds(targets=5, rules=20, places=4, rows=6, nodes=8, room=200, passage=200),
    Bounds(targets=1, rules=10, places=2, rows=4, nodes=4, room=100, passage=100),
)
