"""Part of a real day in all ways of picking, worked to its end by many hands, and counted by somebody else."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from floor.work_day.day import DayPlan, DayResult, Progress, work_day
from floor.work_day.simulated_worker import Mishaps
from sync.store.importers.report import Outcome
from tests.days.counted import Rows, Units, ordered_in, still_on_the_floor, stock_differences, units
from tests.days.released import SITE, release_orders, store_with_orders
from tests.days.rendered import codes_on_each
from tests.days.shown import rows_not_as_told
from tests.layouts.zpl_reading import texts
from tests.store.order_files import DAYS

DAY = DAYS[1]
NON_GOODS = frozenset({"POST", "BANK CHARGES"})
"""Of this day."""
PART = 4
"""Its first quarter is worked, with as many mishaps as a whole day has. `floor work-day` works whole ones."""
EVERY_NTH_ON_POSTGRESQL = 3
"""The labels do not depend on the database: there a sample of them is read."""


def first_part(file: bytes, part: int) -> bytes:
    """The head of the file and its first orders, whole."""
    head, *lines = file.splitlines(keepends=True)
    end = len(lines) // part
    while end < len(lines) and lines[end].split(b",")[0] == lines[end - 1].split(b",")[0]:
        end += 1
    return head + b"".join(lines[:end])


def more_often(mishaps: Mishaps, times: int) -> Mishaps:
    """Much more often what has few carts, walls and totes of a piece or two to happen at on such a day."""
    rare = {"swap_terminal": 0.3, "sort_missing": 0.05, "pack_missing": 0.1}
    return Mishaps(**{name: min(1.0, chance * times) for name, chance in asdict(mishaps).items()} | rare)


def work(url: str, folder: Path, mishaps: Mishaps) -> DayResult:
    told: list[Progress] = []
    plan = DayPlan(
        db_url=url,
        site_id=SITE,
        pickers=12,
        sorters=3,
        packers=2,
        seed=20101202,
        labels=folder / "labels",
        terminals=folder / "terminals",
        mishaps=mishaps,
    )
    result = work_day(plan, told.append)
    assert told[-1].lists == result.totals["lists"]
    return result


def test_a_real_day_is_worked_to_its_end_and_every_piece_is_somewhere_once(any_database: str, tmp_path: Path) -> None:
    file = first_part(DAY.read_bytes(), PART)
    imported = store_with_orders(any_database, (DAY.name, file), all_ways=True)
    released = release_orders(any_database)
    in_file = ordered_in(file, NON_GOODS)
    assert (len(imported.orders_new), imported.counts[Outcome.ORDER_LINE]) == (in_file.orders, in_file.lines)
    result = work(any_database, tmp_path, more_often(Mishaps(), PART))
    heard, not_as_told = rows_not_as_told(any_database, SITE, tmp_path / "terminals")
    assert heard
    assert not_as_told == []
    rows = Rows(any_database)
    try:
        assert result.reconciliation.differences == []
        assert result.reconciliation.ok
        assert still_on_the_floor(rows) == {}
        assert stock_differences(rows) == {}
        counted = units(rows)
        assert counted.ordered == in_file.pieces
        assert sum_of(counted) == counted.ordered
        every_released_piece_was_worked(rows, released.pieces, counted)
        the_day_says_the_same(result, counted, rows)
        everything_that_can_go_wrong_went_wrong(result)
        labels = labels_by_number(tmp_path / "labels")
        cartons = {sscc for (sscc,) in rows.all("SELECT sscc FROM carton")}
        assert result.labels_printed == len(labels) == rows.one("SELECT SUM(sent) FROM label")
        step = 1 if any_database.startswith("sqlite") else EVERY_NTH_ON_POSTGRESQL
        the_labels_are_those_of_the_cartons(labels[::step], cartons, all_of_them=step == 1)
    finally:
        rows.close()


def sum_of(counted: Units) -> int:
    return counted.shipped + counted.short + counted.cut + counted.cancelled + counted.on_hold + counted.open


def every_released_piece_was_worked(rows: Rows, released: int, counted: Units) -> None:
    """What was released has left, or was short or cut; and what was picked has left, or was missing at packing."""
    # Where a location was withdrawn and there is no other, nobody looked: that demand is open again.
    back_in_demand = released - counted.shipped - counted.short - counted.cut
    never_released = counted.ordered - counted.on_hold - counted.cancelled - released
    assert back_in_demand == counted.open - never_released >= 0
    assert rows.one("SELECT COUNT(*) FROM allocation") == 0
    picked = rows.one("SELECT SUM(picked) FROM pick_line")
    missing_later = picked - counted.shipped
    assert missing_later >= 0
    kinds = rows.by_key("SELECT kind, SUM(quantity) FROM discrepancy GROUP BY kind")
    assert missing_later == sum(pieces for kind, pieces in kinds.items() if kind.startswith(("pack-", "sort-")))
    # Simulated hands are so quick that a pick and the withdrawal of its location may cross: the surplus is named. So
    # may two zones that each put down the first tote of an order, or a hand-over and what another zone was short of.
    assert {kind.split("-")[0] for kind in kinds} <= {"short", "pack", "sort", "overpick", "consolidation", "handed"}


def the_day_says_the_same(result: DayResult, counted: Units, rows: Rows) -> None:
    account = result.reconciliation.units
    assert (account.packed, account.in_tote) == (0, 0)
    assert counted == Units(
        account.ordered,
        account.shipped,
        account.short,
        account.cut,
        account.cancelled,
        account.on_hold,
        account.open,
    )
    assert result.cartons_shipped == rows.one("SELECT COUNT(*) FROM carton") == result.totals["totes"]
    # Every scan that was answered with a fact came up once; a scan that was refused never did.
    facts = rows.by_key("SELECT kind, COUNT(*) FROM event GROUP BY kind")
    kinds = rows.by_key("SELECT kind, COUNT(*) FROM pick_list GROUP BY kind")
    assert set(kinds) == {"piece", "batch", "bulk", "zone_pass", "zone_parallel"}
    assert rows.one("SELECT COUNT(*) FROM batch WHERE status <> 'closed'") == 0
    assert {"put_in_cubby@1", "cart_tote_bound@1", "claimed_tote@1"} <= facts.keys()
    # A list whose only locations were withdrawn while it waited asks for nothing any more: nobody walks it.
    to_walk = rows.one("SELECT COUNT(*) FROM pick_list WHERE status <> 'cancelled'")
    assert facts["list_handed_over@1"] == result.totals["lists"] == to_walk
    assert facts["carton_closed@1"] == facts["label_proven@1"] == result.cartons_shipped
    assert rows.one("SELECT SUM(hwm) FROM stream") == sum(facts.values())
    scanned = sum('"how":"scanned"' in bytes(body).decode() for (body,) in rows.all("SELECT body FROM event"))
    answered = scanned + facts["label_proven@1"] + facts["signed_in@1"]
    opened = result.totals["totes"] + result.totals.get("totes_of_missing", 0)
    refused_or_only_opened = result.totals["wrong_scan"] + opened
    assert answered + refused_or_only_opened <= result.totals["scans"]


def everything_that_can_go_wrong_went_wrong(result: DayResult) -> None:
    """Each mishap happened on every seventh-hundredth prompt or so: a day without one would prove less."""
    names = ("wrong_scan", "short", "cut", "damaged", "skip", "undo", "new_tote", "swap_terminal", "other_lot")
    happened = {name: result.totals.get(name, 0) for name in names}
    assert all(happened.values()), happened


def labels_by_number(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.zpl"))]


def the_labels_are_those_of_the_cartons(labels: list[bytes], cartons: set[str], *, all_of_them: bool) -> None:
    """Each label reads as one SSCC; a carton's second label is the same SSCC and is marked as a reprint."""
    read = codes_on_each(labels)
    assert [len(codes) for codes in read] == [1] * len(labels)
    ssccs = [codes[0].removeprefix("(00)") for codes in read]
    assert set(ssccs) <= cartons
    if all_of_them:
        assert set(ssccs) == cartons
        marked = [any(words.startswith("REPRINT") for words in texts(label)) for label in labels]
        seen: Counter[str] = Counter()
        for sscc, is_marked in zip(ssccs, marked, strict=True):
            assert is_marked == (seen[sscc] > 0), f"label {seen[sscc] + 1} of {sscc}"
            seen[sscc] += 1
        assert any(marked)
