"""Put walls in a dialogue: what stands there, and what others do at them.

wall 1 has 4                                a wall with as many cubbies: W-1-A01, W-1-A02 ...
wall gets O-1:SOAP*3 O-2:SOAP*1 in T-000001 a batch, picked into totes in turn and put down at the wall
wall other claims T-000001                  another terminal takes the tote
wall other leaves T-000001
wall batch 1 is closed
wall T-000001 holds 3                       pieces, by the store's record
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.record.ids import TerminalId
from sync.store import tables as t
from sync.store.contacts import Contact, note_contacts
from tests.scenarios.shop import Shop
from tests.store.floor_ledger import Ledger
from tests.store.wall_floor import build_wall, claim_sort, pick_in_bulk, plan_batch, release_sort

_OTHER = TerminalId("HH-02")


class Walls:
    def __init__(self, shop: Shop) -> None:
        self._site = shop.site
        self._shop = shop
        self._pickers = 0
        self._sorter: Ledger | None = None

    def do(self, words: Sequence[str], orders: Sequence[tuple[str, list[tuple[str, int]]]]) -> None:
        match list(words):
            case [wall, "has", cubbies]:
                build_wall(self._site, int(cubbies), wall)
                self._shop.touch("location", f"SORT{wall}")
            case ["gets", *rest]:
                self._gets(orders, rest[rest.index("in") + 1 :])
            case ["other", "claims", tote]:
                assert self._other().does_one(claim_sort(tote)) == "accepted"
            case ["other", "leaves", tote]:
                assert self._other().does_one(release_sort(tote)) == "accepted"
            case ["batch", number, "is", status]:
                (batch,) = self._site.rows(t.batch, batch_id=int(number))
                assert batch["status"] == status, batch
            case [tote, "holds", pieces]:
                assert sum(row["quantity"] for row in self._site.rows(t.tote_content, tote=tote)) == int(pieces)
            case _:
                raise ValueError(f"nobody knows what the wall does with {words}")

    def _gets(self, orders: Sequence[tuple[str, list[tuple[str, int]]]], totes: Sequence[str]) -> None:
        order_ids = [self._site.order(ref, lines) for ref, lines in orders]
        _, (list_id,) = plan_batch(self._site, order_ids)
        self._pickers += 1
        pick_in_bulk(self._site, Ledger(self._site, f"HH-3{self._pickers}"), list_id, *totes)

    def _other(self) -> Ledger:
        """Somebody else, who is in contact now."""
        with self._site.write() as work:
            note_contacts(work, {_OTHER: Contact()})
        if self._sorter is None:
            self._sorter = Ledger(self._site, _OTHER)
        return self._sorter
