"""Rows in columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cli.printable import width_of
from jobs.cli.table import NARROWEST, Column, Table, fit

COLUMNS = (Column("ID"), Column("TYPE", least=6), Column("N", right=True, drop=1), Column("ERROR", least=8, drop=2))
ROWS = [("a1", "send-a-letter", "7", "an error of many words"), ("b2", "x", "1,200", "")]


def table(room, rows=ROWS, **options):
    return list(Table(COLUMNS, room, **options).lines(rows))


def test_without_a_terminal_nothing_is_cut():
    assert table(None) == [
        "ID  TYPE               N  ERROR",
        "a1  send-a-letter      7  an error of many words",
        "b2  x              1,200",
    ]


@pytest.mark.parametrize(
    ("room", "head", "row"),
    [
        (80, "ID  TYPE               N  ERROR", "a1  send-a-letter      7  an error of many words"),
        (40, "ID  TYPE               N  ERROR", "a1  send-a-letter      7  an error of m…"),
        (30, "ID  TYPE           N  ERROR", "a1  send-a-l…      7  an erro…"),
        (26, "ID  TYPE        N", "a1  send-a-letter      7"),
        (14, "ID  TYPE", "a1  send-a-le…"),
        (10, "ID  TYPE", "a1  send-…"),
        (3, "ID  TYPE", "a1  sen…"),
    ],
)
def test_columns_are_cut_and_then_left_out(room, head, row):
    lines = table(room)
    assert lines[1] == row
    assert lines[0].split() == head.split()


def test_later_pages_keep_the_widths_of_the_first():
    made = Table(COLUMNS, 40)
    first = list(made.lines(ROWS))
    second = list(made.lines([("c3-is-long", "a-very-long-type-indeed", "1", "e")]))
    assert len(first) == 3
    assert second == ["c…  a-very-long-…      1  e"]


def test_colours_do_not_count_as_width():
    columns = (Column("STATE", colours={"dead": "31"}), Column("N", right=True))
    lines = list(Table(columns, 80, colourful=True).lines([("dead", "1"), ("completed", "22")]))
    assert lines == ["\x1b[1mSTATE\x1b[0m       \x1b[1mN\x1b[0m", "\x1b[31mdead\x1b[0m        1", "completed  22"]


def test_cells_are_made_safe():
    [_, row] = table(None, [("a\x1b[2J", "t\nt", "1", "")])
    assert row == r"a\u001b[2J  t\u000at  1"


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=8),
    st.integers(1, 200),
)
def test_no_line_is_wider_than_the_room_where_that_can_be(shapes, room):
    columns = [Column("", least=least, drop=drop) for _, least, drop in shapes]
    natural = [width for width, _, _ in shapes]
    shown = fit(columns, natural, room)
    used = sum(width for _, width in shown) + 2 * (len(shown) - 1)
    at_least = [min(width, NARROWEST if least else width) for width, least, drop in shapes if not drop]
    can_be = sum(at_least) + 2 * (len(at_least) - 1) <= room
    assert not can_be or used <= room
    assert all(width <= natural[at] for at, width in shown)
    assert [at for at, _ in shown] == sorted(at for at, _ in shown)
    if sum(natural) + 2 * (len(natural) - 1) <= room:
        assert [width for _, width in shown] == natural


def test_wide_characters_take_two_columns():
    lines = table(26, [("亀亀", "亀亀亀亀亀亀亀亀", "1", "")])
    assert all(width_of(line) <= 26 for line in lines)
    assert lines[1] == "亀亀  亀亀亀亀…   1"
