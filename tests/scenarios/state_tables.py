"""The tables of states that dialogues are laid beside: which dialogues, and how a table calls what is given in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from floor.work import batch_pick, cycle_count, pack_weight, put_wall, zone_pick
from floor.work.transitions import Transition
from tests.scenarios.moves import Move

_WEIGHING = frozenset({"pack_weigh", "pack_light", "pack_heavy"})
_WALL = frozenset(one.state for one in put_wall.TRANSITIONS if one.state.startswith("sort_"))
_ZONES = frozenset(
    {"choose_zone", "fetch_tote", "tote_problem", "pass_on", "consolidate_first", "consolidate", "no_work"}
)
"""States that are zone picking's own: whatever leads to them or away from them is in the table."""
_CART = frozenset(one.state for one in batch_pick.TRANSITIONS)
_COUNT = frozenset(one.state for one in cycle_count.TRANSITIONS)


@dataclass(frozen=True, slots=True)
class StateTable:
    """``dialogues`` is how their names begin. ``is_own`` says which of their moves must stand in the table."""

    name: str
    dialogues: str
    transitions: Sequence[Transition]
    is_own: Callable[[Move], bool]
    scans: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a scan of a kind may be called in the table, where it is not its kind."""
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What else may be called otherwise."""

    def names(self, move: Move) -> frozenset[str]:
        """What the given thing of a move may be called in this table."""
        usual = {} if move.by_scan else {"typed": ("digit",), "changed": ("news",)} | dict(self.inputs)
        return frozenset((self.scans if move.by_scan else usual).get(move.given, (move.given,)))


def _is_of_counting(move: Move) -> bool:
    if move.after == "sign_in":
        return False  # the same words stand before the first contact
    own = _COUNT - {"menu"}
    return move.before in own or (move.before == "menu" and move.after in own)


STATE_TABLES = (
    StateTable(
        "batch pick",
        "batch_pick_",
        batch_pick.TRANSITIONS,
        lambda move: move.before in _CART,
        scans={
            "tote": ("tote", "empty tote"),
            "position": ("cart position",),
            "code": ("lot", "serial"),
            "item": ("item", "lot"),
        },
        inputs={"enter": ("enter", "total", "check digits", "position", "lot", "serial")},
    ),
    StateTable(
        "put wall",
        "sort_",
        put_wall.TRANSITIONS,
        lambda move: not _WALL.isdisjoint({move.before, move.after}),
        scans={"code": ("lot",), "item": ("item", "lot")},
        inputs={
            "typed": ("digit", "sort"),
            "enter": ("enter", "total", "number"),
            "changed": ("news", "granted", "refused"),
        },
    ),
    StateTable(
        "cycle count",
        "count_",
        cycle_count.TRANSITIONS,
        _is_of_counting,
        scans={"code": ("lot",), "item": ("item", "lot")},
        inputs={"enter": ("enter", "number", "check digits", "lot")},
    ),
    StateTable(
        "weighing",
        "weigh_",
        pack_weight.TRANSITIONS,
        lambda move: not _WEIGHING.isdisjoint({move.before, move.after}),
        inputs={"changed": ("news", "weight", "no weight")},  # what the scale says comes with the news
    ),
    StateTable(
        "zone pick",
        "zone_",
        zone_pick.TRANSITIONS,
        lambda move: not _ZONES.isdisjoint({move.before, move.after}),
        scans={"tote": ("tote", "empty tote"), "location": ("location", "place"), "item": ("code",)},
    ),
)
