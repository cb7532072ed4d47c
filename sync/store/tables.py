"""The tables of the central order store.

Every table begins its primary key with the site, so that sites could be distributed over machines later. Numbers are
drawn from `counter` (`UnitOfWork.allot`), never from sequences of the database: two stores that were fed alike end
alike. Times are UTC. Quantities are pieces (eaches), weights grams, lengths millimetres, coordinates metres.
"""

from __future__ import annotations

from sync.store.table_parts.access import api_key, audit, confirmation, enrolment, site_secret
from sync.store.table_parts.columns import UtcDateTime, metadata
from sync.store.table_parts.ledgers import discrepancy, event, feed, feed_head, stream, terminal, worker
from sync.store.table_parts.orders import (
    allocation,
    carrier_service,
    import_file,
    import_row,
    order_hold,
    order_line,
    orders,
    return_notice,
    stock_adjustment,
)
from sync.store.table_parts.warehouse import (
    aisle,
    count_task,
    counter,
    item,
    item_barcode,
    location,
    packaging,
    replenishment,
    serial,
    site,
    site_file,
    stock,
    stock_move,
    store,
    zone,
)
from sync.store.table_parts.work import (
    batch,
    carton,
    carton_content,
    cubby,
    label,
    list_order,
    pick_line,
    pick_list,
    sscc_range,
    tote,
    tote_content,
    trip,
    wave,
)

__all__ = [
    "UtcDateTime",
    "aisle",
    "allocation",
    "api_key",
    "audit",
    "batch",
    "carrier_service",
    "carton",
    "carton_content",
    "confirmation",
    "count_task",
    "counter",
    "cubby",
    "discrepancy",
    "enrolment",
    "event",
    "feed",
    "feed_head",
    "import_file",
    "import_row",
    "item",
    "item_barcode",
    "label",
    "list_order",
    "location",
    "metadata",
    "order_hold",
    "order_line",
    "orders",
    "packaging",
    "pick_line",
    "pick_list",
    "replenishment",
    "return_notice",
    "serial",
    "site",
    "site_file",
    "site_secret",
    "sscc_range",
    "stock",
    "stock_adjustment",
    "stock_move",
    "store",
    "stream",
    "terminal",
    "tote",
    "tote_content",
    "trip",
    "wave",
    "worker",
    "zone",
]
