"""A small site where a bit of everything has happened: imported, picked, undone, packed, shipped, cancelled."""

from __future__ import annotations

from sync.record.facts import ClaimedSsccs, LabelSent, PackProblem, PrintVerdict, ShortReason, SignedIn
from sync.record.ids import OrderId
from sync.store import tables as t
from sync.store.access.api_keys import add_key
from sync.store.access.auditing import audit
from sync.store.importers.importing import import_files
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.releasing import release
from sync.store.orders.shipping import ship
from tests.store import floor_ledger as say
from tests.store.floor_ledger import Ledger
from tests.store.order_files import PROFILE, csv_bytes, row
from tests.store.small_floor import sscc
from tests.store.small_site import SITE, SmallSite

TINS, MUGS = "22720", "21730"


def work_a_mixture(site: SmallSite) -> None:
    """Order 600001 is packed and has left, 600002 stands in a tote, 600003 was cancelled in part and waits."""
    site.stock("A1", TINS, 20, position=10)
    site.stock("A2", TINS, 5, position=20)
    site.stock("B1", MUGS, 9, position=30)
    orders = [
        row("600001", TINS, "4"),
        row("600001", MUGS, "3"),
        row("600002", TINS, "5", customer="17851.0"),
        row("600003", MUGS, "6", customer="17852.0"),
        row("C600009", MUGS, "-1", customer="17852.0", at="2010-12-08 11:00:00"),
    ]
    import_files(site.database, SITE, PROFILE, [("orders.csv", csv_bytes(orders))], by="Ruth")
    with site.write() as work:
        allocate(work)
        release(work)
        audit(work, "Ruth", "release", SITE, orders=3)
    with site.write() as work:
        add_key(work, "shop", (), days=1, by="Nadia")
        audit(work, "Nadia", "key-add", "shop")
    first, second = Ledger(site), Ledger(site, "HH-08")
    _pick_and_pack(site, first)
    _pick_with_trouble(second)
    with site.write() as work:
        cancel_order(work, "600003", by="Ruth", line_no=1, quantity=2)


def _pick_and_pack(site: SmallSite, ledger: Ledger) -> None:
    ledger.does(SignedIn(), say.claim(1), say.bind(), say.locate(1))
    ledger.does(say.pick(3, 1, TINS), say.pick(1, 1, TINS), say.put(4))
    ledger.does(say.locate(2, "B1"), say.pick(2, 2, MUGS, "B1"))
    ledger.undoes()
    ledger.does(say.pick(3, 2, MUGS, "B1"), say.put(3, 2), say.hand_over())
    number = sscc(1)
    ledger.does(ClaimedSsccs(count=5), say.verify(4, 1, TINS), say.verify(3, 2, MUGS))
    lost = LabelSent(sscc=number, printer="ZP-1", outcome=PrintVerdict.LOST)
    ledger.does(*say.label(number)[:1], lost, *say.label(number)[1:])
    ledger.does(say.close(number, {1: 4, 2: 3}))
    with site.write() as work:
        ship(work)
        audit(work, "Ruth", "ship", SITE, cartons=1)


def _pick_with_trouble(ledger: Ledger) -> None:
    """Two are damaged, one too many is taken, a pick comes twice, and one is missing at packing."""
    ledger.does(say.claim(2), say.bind("T-2", 2), say.locate(3), say.pick(2, 3, TINS))
    ledger.does(say.short(1, 3, ShortReason.DAMAGED), say.short(1, 3, ShortReason.CUT))
    ledger.does(say.pick(2, 3, TINS))
    clone = Ledger(ledger.site, "HH-08", stream="clone")
    clone.bodies.append(ledger.bodies[3])
    clone.push(1)
    ledger.does(say.claim(77), say.hand_over(2))
    ledger.does(say.report(PackProblem.MISSING, 1, 3, TINS, "T-2"))


def order_id(site: SmallSite, ref: str) -> OrderId:
    (found,) = site.rows(t.orders, order_ref=ref)
    return OrderId(found["order_id"])
