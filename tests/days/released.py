"""Stores that are ready for the floor: a demo warehouse of the goods in an order file, and its orders released."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sync.record.ids import OrderId, SiteId
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.importers.importing import import_file
from sync.store.importers.profile import Profile, load_profile
from sync.store.importers.report import ImportReport
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import ReleaseReport, release
from sync.store.schema import create_or_upgrade
from sync.store.site_files.files import SiteFile, example
from sync.store.site_files.setting import set_file
from sync.store.unit_of_work import UnitOfWork
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import demo_warehouse

SITE = SiteId("DEMO")
ONLINE_RETAIL = load_profile("online-retail")
_T = TypeVar("_T")

File = tuple[str, bytes]


def store_with_orders(
    url: str, file: File, profile: Profile = ONLINE_RETAIL, *, all_ways: bool = False
) -> ImportReport:
    """Make a store in an empty database, with a demo warehouse that keeps the file's goods, and import the file.

    ``all_ways``: it picks in every way, more of the orders go onto carts, and no zone is too full for another order.
    """
    create_or_upgrade(url)
    database = Database(url)
    try:
        found(database)
    finally:
        database.close()
    in_store(url, lambda work: demo_warehouse(work, read_catalogue(profile, [file]), all_ways=all_ways))
    if all_ways:
        rules = str(example(SiteFile.WAVES)).partition("[open_lines_max]")[0]
        rules = rules.replace("lines_max = 15, pieces_max = 150", "lines_max = 25, pieces_max = 600")
        in_store(url, lambda work: set_file(work, SiteFile.WAVES, rules, by="test"))
    return in_store(url, lambda work: import_file(work, profile, *file))


def release_orders(url: str, order_ids: Sequence[OrderId] | None = None) -> ReleaseReport:
    """Reserve stock for these orders (None: all that are open) and make pick lists."""

    def to_the_floor(work: UnitOfWork) -> ReleaseReport:
        allocate(work, order_ids)
        return release(work, order_ids)

    return in_store(url, to_the_floor)


def in_store(url: str, job: Callable[[UnitOfWork], _T]) -> _T:
    """``job`` in one write transaction of a database that is opened for it."""
    database = Database(url)
    try:
        with database.write(SITE) as work:
            return job(work)
    finally:
        database.close()
