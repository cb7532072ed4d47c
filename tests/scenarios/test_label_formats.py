"""Cartons are labelled by the format that the site names, and a format that cannot be used sends nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

import layouts
from drivers.emulators.label_picture import render as drawn
from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.station import PrintStation
from floor.config import PrinterProfile
from floor.labelling import label_maker
from floor.ports import LabelJob, Unmade, Unprintable
from floor.printing import StationLabelPrinter, setups
from floor.work.prompt import PrintResult, Typed
from floor.work.reply import PrintLabel
from layouts.zpl import Dpi
from sync.record.facts import PrintVerdict
from sync.record.ids import ItemId, SiteId, Sscc
from sync.record.rows import ItemRow, PackingRow, ShipTo, SiteRow
from tests.layouts.zpl_reading import is_one_label, texts
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal
from tests.scenarios.test_printing import Gate, Station
from tests.wire.samples import ROWS

FORMAT = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
SHIPPED = Path(layouts.__path__[0]) / "formats" / "ship-large-carton.toml"
SITE = SiteRow(site_id=SiteId("main"), name="Main", company_prefix="9521234", sender=("Floorhand",))
PACKING = cast(PackingRow, ROWS["packing"])
JOB = PrintLabel(PACKING, Sscc("095212340000000013"), 3)


def made(ship_format: str, formats: Path | None = None, job: PrintLabel = JOB, dpi: int = 203) -> bytes:
    return label_maker(lambda: replace(SITE, ship_format=ship_format), formats)(job, dpi)


def test_without_a_format_the_built_in_label_is_printed() -> None:
    built_in = made("")
    assert is_one_label(built_in)
    assert "CARRIER" in texts(built_in)
    assert label_maker(lambda: None)(JOB, 203) != built_in  # its sender is the site's


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_format_that_the_site_names_is_printed(dpi: int) -> None:
    own = made("ship-large-carton", dpi=dpi)
    assert is_one_label(own)
    assert "CARRIER" not in texts(own)
    assert {"SW1A 1AA London", "1"} <= set(texts(own))
    assert drawn(own, Dpi(dpi).dots_per_mm).problems == ()


def test_a_sites_own_file_stands_before_the_one_that_ships_and_is_read_anew_when_it_was_changed(tmp_path: Path) -> None:
    file = tmp_path / "ship-large-carton.toml"
    text = SHIPPED.read_text("utf-8")
    file.write_text(text.replace("height_mm = 18", "height_mm = 12", 1), "utf-8")
    first = made("ship-large-carton", tmp_path)
    assert first != made("ship-large-carton")
    file.write_text(text, "utf-8")
    assert made("ship-large-carton", tmp_path) == made("ship-large-carton") != first


@pytest.mark.parametrize("name", ["nothing", "../formats/ship-large-carton", str(SHIPPED.with_suffix("")), ".", "a\0b"])
def test_a_format_that_is_not_there_is_named_and_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(Unmade, match=r"cannot be used here: .* Tell the administrator\."):
        made(name)


def test_a_format_that_is_wrong_or_of_another_label_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('label = "ship"\n', "utf-8")
    with pytest.raises(Unmade, match=r"bad\.toml"):
        made("bad", tmp_path)
    (tmp_path / "tote.toml").write_text(
        'label = "tote"\nname = "t"\nwidth_mm = 100\nheight_mm = 50\n'
        '[[element]]\nkind = "text"\nx_mm = 4\ny_mm = 4\nfield = "code"\nheight_mm = 5\nwidth_mm = 60\n'
        '[[element]]\nkind = "code-128"\nx_mm = 8\ny_mm = 15\nfield = "code"\nheight_mm = 15\nwidth_mm = 80\n',
        "utf-8",
    )
    with pytest.raises(Unmade, match="is a format of ToteLabel, not of ShipLabel"):
        made("tote", tmp_path)


def test_what_no_font_can_draw_is_refused_in_a_sites_format_too() -> None:
    to = ShipTo(name="\U000f0000 x", lines=("1 High St",), postcode="1", city="London", country="GB")
    job = replace(JOB, packing=replace(PACKING, ship_to=to))
    for name in ("", "ship-large-carton"):
        with pytest.raises(Unprintable):
            made(name, job=job)


def test_at_the_pack_station_the_sites_rule_chooses_the_format(shop: Shop, terminal: Terminal) -> None:
    shop.rules(ship_format="ship-large-carton")
    station = Station(shop, terminal, Gate())
    assert station.let_it_print() == "scan_label"
    (label,) = station.gate.labels
    assert "CARRIER" not in texts(label)


def test_at_the_pack_station_a_format_that_is_not_there_is_said_and_the_label_may_be_tried_again(
    shop: Shop, terminal: Terminal
) -> None:
    shop.rules(ship_format="nothing")
    station = Station(shop, terminal, Gate())
    assert station.let_it_print() == "print_failed"
    assert station.outcomes() == [PrintVerdict.LOST]
    assert "there is no nothing.toml in" in station.conversation.turn().prompt.values["detail"]
    assert station.gate.labels == []
    shop.rules()
    terminal.catch_up(shop.position())
    assert station.conversation.give(Typed("1")).prompt.step == "printing"
    assert station.let_it_print() == "scan_label"
    assert len(station.gate.labels) == 1


@pytest.mark.parametrize(("paper", "title"), [("carton-content", "Carton content"), ("packing-slip", "Packing slip")])
def test_the_paper_that_the_site_wants_comes_behind_the_first_label_only(paper: str, title: str) -> None:
    item = ItemRow(item_id=ItemId("85123A"), name="White heart", barcodes=(), weight_g=None)
    maker = label_maker(lambda: replace(SITE, carton_paper=paper), None, lambda _item_id: item)
    first, second = FORMAT.findall(maker(JOB, 203))
    assert first == made("").strip()
    assert {title, "85123A", "White heart", "2"} <= set(texts(second))
    assert drawn(second, Dpi(203).dots_per_mm).problems == ()
    assert maker(replace(JOB, reprint_reason="damaged"), 203) == made("", job=replace(JOB, reprint_reason="damaged"))


def test_a_paper_that_there_is_not_prints_nothing() -> None:
    with pytest.raises(Unmade, match="carton-content and packing-slip only"):
        label_maker(lambda: replace(SITE, carton_paper="poem"))(JOB, 203)


def test_label_and_paper_are_one_job_of_the_printer(tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path / "labels") as emulated:
        here = setups([PrinterProfile(host="127.0.0.1", port=emulated.port)])
        with PrintStation(tmp_path / "printing.db", tmp_path / "locks", here) as station:
            maker = label_maker(lambda: replace(SITE, carton_paper="carton-content"))
            fate = StationLabelPrinter(station).print_label(
                LabelJob("a", None, None, None), lambda dpi: maker(JOB, dpi)
            )
        assert fate.result is PrintResult.PRINTED
        assert emulated.odometer == 2
