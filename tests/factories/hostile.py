"""Good bytes made bad: what the property tests of every parser feed it besides plain noise."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

FEW = settings(max_examples=150, deadline=None)
# For what takes milliseconds to make or to read.
FEWER = settings(max_examples=40, deadline=None)

EDITS = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(0, 2), st.integers(0, 255)), min_size=1, max_size=4
)


def mutated(data: bytes, edits: list[tuple[int, int, int]]) -> bytes:
    """`data` with bytes replaced, removed or doubled at some places."""
    out = bytearray(data)
    for place, kind, value in edits:
        at = place % max(len(out), 1)
        if kind == 0:
            out[at : at + 1] = bytes((value,))
        elif kind == 1:
            del out[at : at + 1 + value % 8]
        else:
            out[at:at] = out[at : at + value]
    return bytes(out)


def grown(draw_from: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """JSON-like values of any shape, leaves from this strategy: what a decoder may hand to a reader."""
    return st.recursive(
        draw_from,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )


JSON = grown(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20))
