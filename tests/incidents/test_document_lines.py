"""The document's timeline: a command is one line with every rung, and nothing else is joined."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pocketward.incidents.document_lines import document_lines, without_routine
from pocketward.incidents.timeline import Moment

START = datetime(2026, 11, 28, 10, tzinfo=UTC)


def moment(
    second: int, sentence: str, command: str = "", rung: str = "", actor: str = "system:fleet",
    why: str = "", routine: bool = False,
) -> Moment:  # fmt: skip
    at = START + timedelta(seconds=second)
    return Moment(at, "x.y", sentence, "x", actor, second, command, rung, why, routine)


def printed(*moments: Moment) -> list[dict[str, str]]:
    return document_lines(
        moments,
        who={"member:1": "Dana", "system:fleet": "Pocketward", "device:1": "the phone"}.__getitem__,
        when=lambda at: at.strftime("%d %H:%M:%S"),
        after=lambda start, at: at.strftime("%H:%M:%S" if at.date() == start.date() else "%d %H:%M:%S"),
    )


def test_a_command_is_one_line_where_it_began_with_its_last_rung_first() -> None:
    lines = printed(
        moment(0, "Erase device: requested", "c1", "requested", "member:1"),
        moment(1, "The loss was confirmed", actor="member:1"),
        moment(2, "Erase device: delivered", "c1", "delivered"),
        moment(9, "Erase device: acknowledged", "c1", "acknowledged", "device:1"),
        moment(90_000, "Erase device: corroborated", "c1", "corroborated"),
    )
    assert lines == [
        {
            "at": "28 10:00:00",
            "text": "Erase device: corroborated 29 11:00:00 (requested 10:00:00, delivered 10:00:02, "
            "acknowledged 10:00:09)",
            "who": "Dana, Pocketward, the phone",
        },
        {"at": "28 10:00:01", "text": "The loss was confirmed", "who": "Dana"},
    ]


def test_a_command_that_ended_says_how_and_why() -> None:
    lines = printed(
        moment(0, "Enable lost mode: queued", "c1", "queued"),
        moment(5, "Enable lost mode: overtaken", "c1", "overtaken", why="the phone is erased"),
    )
    assert [line["text"] for line in lines] == [
        "Enable lost mode: overtaken 10:00:05: the phone is erased (queued 10:00:00)"
    ]


def test_every_day_before_the_report_is_left_out_and_counted() -> None:
    moments = [
        moment(0, "Security info: queued", "c1", "queued", routine=True),
        moment(1, "Security info: acknowledged", "c1", "acknowledged", routine=True),
        moment(2, "The phone reported its state", routine=True),
        moment(3, "Profile list: queued", "c2", "queued", routine=True),
        moment(4, "Device lock: queued", "c3", "queued", "member:1"),
        moment(10, "Somebody reported it lost"),
        moment(11, "Profile list: overtaken", "c2", "overtaken", routine=True),
        moment(12, "The phone reported its state", routine=True),
    ]
    kept, left_out = without_routine(moments, before=START + timedelta(seconds=10))
    assert left_out == 3
    assert [item.seq for item in kept] == [3, 4, 10, 11, 12]


@given(commands=st.lists(st.sampled_from(["", "c1", "c2", "c3"]), max_size=30))
def test_no_moment_is_left_out(commands: list[str]) -> None:
    lines = printed(*(moment(at, f"{at:02} said", name, f"rung{at:02}") for at, name in enumerate(commands)))
    assert len(lines) == commands.count("") + len({name for name in commands if name})
    text = " ".join(line["text"] for line in lines)
    for at in range(len(commands)):
        assert f"{at:02} said" in text or f"rung{at:02} " in text
