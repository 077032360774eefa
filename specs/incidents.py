"""What goes wrong in the demo data, when, and to whom: steps for the formulas of `specs.demo`.

Time runs in laps of two hours, each with a part for hosts, one for exchanges and one for feeds, so that what looks
back over minutes has forgotten the one before the next begins. A part has one incident; hosts, connections and feeds
have their turn one after the other, and whose turn comes again has the next kind of incident, so all kinds come to all.
About half of them are too short for an alert, on purpose. Liquidations, which may be quiet for an hour, and strategies
have longer laps of their own.

Everything is a whole number computed from the moment and the series, never from a row before: `turn` and its like are
the lap of the latest incident that can have befallen the series, `link_into` and its like the seconds since that began.
"""

from __future__ import annotations

from collections.abc import Sequence

Steps = tuple[tuple[str, str], ...]

LAP = 7200
_EXCHANGE_PART, _FEED_PART = 2400, 4800
"""Seconds into the lap."""

EXCHANGES = 4


def _kind(number: str, values: Sequence[str | int]) -> str:
    """The value of that kind, counted from 0."""
    cases = " ".join(f"WHEN {index} THEN {value}" for index, value in enumerate(values))
    return f"CASE {number} {cases} END"


def _jitter(lap: str, seconds: int) -> str:
    return f"({lap} * 7919) % {seconds}"


def _spread(lap: str, least: int, span: int) -> str:
    """A length from `least` to before `least + span`, another one in each lap."""
    return f"{least} + ({lap} * 89) % {span}"


CLOCK: Steps = (("clock", "t + {seed} * 6839"),)

HOST: Steps = (
    *CLOCK,
    # Fewer hosts than five don't have their turn more often.
    ("turns", "greatest({hosts}, 5)"),
    ("lap", f"clock / {LAP}"),
    ("recent", "lap - (lap - h) % turns"),
    ("early", f"recent = lap AND clock % {LAP} < {_jitter('recent', 600)}"),
    ("turn", "CASE WHEN early THEN recent - turns ELSE recent END"),
    ("age", f"clock - turn * {LAP} - {_jitter('turn', 600)}"),
    ("round", "h + turn / turns + {seed}"),
    # Each turn ends in a new process: 0 deployed, 1 the host died, 2 the start failed for minutes, 3 a crash loop,
    # 4 the host rebooted quickly, 5 crashed once more after its start.
    ("fate", "round % 6"),
    ("dead", _kind("fate", (0, _spread("turn", 240, 300), 0, 0, 70, 0))),
    ("idle", _kind("fate", (20, 20, _spread("turn", 150, 200), 20, 20, 20))),
    ("life", _spread("turn", 110, 60)),
    ("crashing", _kind("fate", (0, 0, 0, "3 * life", 0, "life"))),
    ("alive", "age - dead"),
    ("up", "CASE WHEN alive < crashing THEN alive % life ELSE alive - crashing END"),
    ("running", "up >= idle"),
    # Two laps later: 0 fetches fail for minutes, 1 for seconds, 2 no way to the database for minutes, 3 for seconds,
    # 4 nothing.
    ("later", f"age - {2 * LAP + 700} - {_jitter('turn', 200)}"),
    ("ails", "(turn / turns + 2 * h + {seed}) % 5"),
    ("lasts", _kind("ails", (_spread("turn", 300, 300), 40, _spread("turn", 180, 220), 40, 0))),
    ("writes", "alive >= 0 AND NOT (ails BETWEEN 2 AND 3 AND later >= 0 AND later < lasts)"),
)
"""Of host `h`: whether it `writes` rows at all, whether the daemon is `running`, for how long it is `up`."""

_RECONNECTS = (1, 1, 7, 3, 1, 1)
"""Of one connection's kinds of incident."""


def _reconnects(count: str) -> str:
    """In that many incidents of one connection, from kind 0 on."""
    sums = [sum(_RECONNECTS[:n]) for n in range(len(_RECONNECTS))]
    return f"({count} / {len(sums)} * {sum(_RECONNECTS)} + {_kind(f'({count}) % {len(sums)}', sums)})"


LINK: Steps = (
    ("link", f"e + {EXCHANGES} * h"),
    ("links", f"{EXCHANGES} * turns"),
    ("beat", f"(clock - {_EXCHANGE_PART}) / {LAP}"),
    # Two laps of three have an incident of one connection. 0 it is lost for minutes, 1 for a minute, 2 lost and
    # regained seven times, 3 three times, 4 without messages for minutes though connected, 5 for seconds.
    ("single", "beat / 3 * 2 + least(beat % 3, 1) - (beat / 3 * 2 + least(beat % 3, 1) - link) % links"),
    ("link_into", f"clock - (single / 2 * 3 + single % 2) * {LAP} - {_EXCHANGE_PART} - {_jitter('single', 300)}"),
    ("nth", "link + single / links + {seed}"),
    ("ill", "nth % 6"),
    ("times", _kind("ill", (1, 1, 7, 3, 1, 1))),
    ("every", _kind("ill", (_spread("single", 200, 280), _spread("single", 40, 50), 70, 70,
                            _spread("single", 160, 200), 40))),
    ("away", _kind("ill", ("every", "every", 20, 20, "every", "every"))),
    ("bad", "CASE WHEN link_into >= 0 AND link_into < times * every AND link_into % every < away"
     " THEN link_into % every ELSE -1 END"),
    ("regained", "CASE WHEN link_into < 0 THEN 0 ELSE least(times, (link_into + every - away) / every) END"),
    # The third has one of an exchange, on all hosts: 0 and 4 lost for minutes, 2 for seconds, 1 and 3 slow for
    # minutes, 5 for seconds. Hosts come back one after the other.
    ("wide", f"(beat + 1) / 3 - 1 - ((beat + 1) / 3 - 1 - e) % {EXCHANGES}"),
    ("wide_into", f"clock - (wide * 3 + 2) * {LAP} - {_EXCHANGE_PART} - {_jitter('wide', 300)}"),
    ("wide_nth", f"e + wide / {EXCHANGES} + {{seed}}"),
    ("worse", "wide_nth % 6"),
    ("wide_lasts", "CASE worse {} END".format(
        f"WHEN 2 THEN 45 + h % 5 * 10 WHEN 5 THEN 20 WHEN 1 THEN {_spread('wide', 300, 300)}"
        f" WHEN 3 THEN {_spread('wide', 300, 300)} ELSE {_spread('wide', 240, 600)} + h % 5 * 10")),
    ("wide_bad", "CASE WHEN wide_into >= 0 AND wide_into < wide_lasts THEN wide_into ELSE -1 END"),
    ("slow", "wide_bad >= 0 AND worse % 2 = 1"),
    ("down", "CASE WHEN NOT running THEN up WHEN bad >= 0 AND ill < 4 THEN bad"
     " WHEN wide_bad >= 0 AND worse % 2 = 0 THEN wide_bad ELSE -1 END"),
    ("mute", "CASE WHEN ill >= 4 THEN bad ELSE -1 END"),
    ("missed", "CASE WHEN down >= 0 THEN down WHEN mute >= 0 THEN mute ELSE 0 END"),
)  # fmt: skip
"""Of the connection from host `h` to exchange `e`: for how many seconds it is `down`, or `mute` though connected (-1:
it is not), for how many it has `missed` messages, and whether it is `slow`."""

RECONNECT_COUNT: Steps = (
    # Incidents of this connection, and of its exchange, before the lap in which the process was born.
    ("singles", "(turn / 3 * 2 + least(turn % 3, 2) - link + links - 1) / links"),
    ("wides", f"(turn / 3 - e + {EXCHANGES - 1}) / {EXCHANGES}"),
    ("reconnects", f"{_reconnects('nth')} + regained - {_reconnects('(link + singles + {seed})')}"
     " + (wide_nth + 1) / 2 + CASE WHEN worse % 2 = 0 AND wide_into >= wide_lasts THEN 1 ELSE 0 END"
     " - (e + wides + {seed} + 1) / 2"),
)  # fmt: skip
"""How often it came back since the process began, and was connected first."""

_TIDE = 21600

FEED: Steps = (
    # One exchange in turn: 0 no open interest for minutes, 1 for a minute, 2 no funding for a quarter of an hour and
    # more, 3 for minutes; 4 one symbol misses minutes of one data type, 5 half a minute.
    ("flow", f"(clock - {_FEED_PART}) / {LAP} - ((clock - {_FEED_PART}) / {LAP} - e) % {EXCHANGES}"),
    ("flow_into", f"clock - flow * {LAP} - {_FEED_PART} - {_jitter('flow', 300)}"),
    ("flow_turn", f"flow / {EXCHANGES}"),
    ("flaw", "(flow_turn + e + {seed}) % 6"),
    ("flow_lasts", _kind("flaw", (_spread("flow", 240, 260), 70, _spread("flow", 1150, 350), 400,
                                  _spread("flow", 120, 180), 30))),
    ("flawed", "CASE WHEN flaw < 2 THEN d = 0 WHEN flaw < 4 THEN d = 1"
     " ELSE d = flow_turn % 3 AND s = flow_turn % {symbols} END"),
    ("dry", "flawed AND flow_into >= 0 AND flow_into < flow_lasts"),
    # One exchange in turn has no liquidation: 0 and 2 for more than an hour, 1 for 40 minutes.
    ("tide", f"clock / {_TIDE} - (clock / {_TIDE} - e) % {EXCHANGES}"),
    ("tide_into", f"clock - tide * {_TIDE} - 3000 - {_jitter('tide', 900)}"),
    ("ebb", f"d = 2 AND tide_into >= 0 AND tide_into < CASE WHEN (tide / {EXCHANGES} + e + {{seed}}) % 3 = 1 THEN 2400"
     f" ELSE {_spread('tide', 4200, 1800)} END"),
    ("flows", "down < 0 AND (mute < 0 OR d < 2) AND NOT dry AND NOT ebb"),
    # What is missing is told once, when data come again. What is short was fetched again.
    ("hole", "CASE"
     " WHEN (ill = 0 OR (ill = 4 AND d = 2)) AND link_into - every BETWEEN 0 AND 9 THEN every"
     " WHEN worse IN (0, 4) AND wide_into - wide_lasts BETWEEN 0 AND 9 THEN wide_lasts"
     " WHEN dead + idle > 60 AND up - idle BETWEEN 0 AND 9 THEN dead + idle"
     " WHEN flaw > 3 AND flawed AND flow_into - flow_lasts BETWEEN 0 AND 9 THEN flow_lasts"
     " ELSE 0 END"),
)  # fmt: skip
"""Of data type `d` of symbol `s`: whether it `flows`, and the length of the `hole` that this row tells of."""

_DESK = 28800

STRATEGY: Steps = (
    *CLOCK,
    ("desks", "greatest({strategies}, 3)"),
    # One strategy in turn: 0 and 2 most of its orders are not filled for most of an hour, 1 for ten minutes.
    ("desk", f"clock / {_DESK} - (clock / {_DESK} - i) % desks"),
    ("desk_into", f"clock - desk * {_DESK} - 3600 - {_jitter('desk', 3600)}"),
    ("unfilled", "desk_into >= 0 AND desk_into < CASE WHEN (desk / desks + i + {seed}) % 3 = 1 THEN 600"
     f" ELSE {_spread('desk', 3000, 1200)} END"),
    # A wick of half a minute.
    ("wick", "desk_into >= 12000 AND desk_into < 12030"),
)  # fmt: skip
