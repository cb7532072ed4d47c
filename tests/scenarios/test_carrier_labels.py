"""A carrier's label goes to the printer byte for byte, in one job with what else the carton gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.station import PrintStation
from drivers.printers.zpl_job import labels_in_job
from floor.config import PrinterProfile
from floor.labelling import label_maker
from floor.ports import LabelJob, Unmade, Unprintable
from floor.printing import StationLabelPrinter, setups
from floor.work.prompt import PrintResult
from floor.work.reply import PrintLabel
from sync.record.codes.carrier_zpl import checked_carrier_zpl
from sync.record.ids import SiteId, Sscc
from sync.record.rows import CarrierLabelRow, PackingRow, SiteRow
from tests.wire.samples import ROWS

SITE = SiteRow(site_id=SiteId("main"), name="Main", company_prefix="9521234", sender=("Floorhand",))
PACKING = cast(PackingRow, ROWS["packing"])
CARRIER = cast(CarrierLabelRow, ROWS["carrier_label"])
JOB = PrintLabel(PACKING, Sscc("095212340000000013"), 3)
SEVERAL = {
    "^XA^CI28^FO9,9^FDZoë^FS^XZ\r\n": 1,
    "^XA^FO9,9^FDa^FS^XZ^XA^FO9,9^FDb^FS^XZ": 2,
    "^XA^FO9,9^FDa^FS^XZ^XZ\n^XA^FO9,9^FDb^FS^XZ^XZ\n": 2,
    "\n ^xa^PQ2^fo9,9^FDa^FS^xz\t^XA^FO9,9^GB9,9,2^FS^XZ": 3,
    "^XA^MD5^PR4^XZ^XA^FO9,9^FDa^FS^XZ": 1,
}


def carriers(zpl: str, *, instead: bool, reason: str | None = None) -> PrintLabel:
    return replace(JOB, carrier=replace(CARRIER, zpl=zpl), instead=instead, reprint_reason=reason)


def made(job: PrintLabel, site: SiteRow = SITE) -> bytes:
    return label_maker(lambda: site)(job, 203)


@pytest.mark.parametrize("zpl", SEVERAL)
def test_the_bytes_are_the_carriers_own_and_ours_come_before_them_where_the_site_wants_both(zpl: str) -> None:
    assert made(carriers(zpl, instead=True)) == zpl.encode()
    assert made(carriers(zpl, instead=False)) == made(JOB) + zpl.encode()
    again = carriers(zpl, instead=True, reason="damaged")
    with_paper = replace(SITE, carton_paper="packing-slip")
    assert made(again, with_paper) == zpl.encode()
    first = made(carriers(zpl, instead=True), with_paper)
    assert first.startswith(zpl.encode())
    assert labels_in_job(first) == SEVERAL[zpl] + 1


@pytest.mark.parametrize(("zpl", "labels"), SEVERAL.items())
def test_the_check_and_the_printers_ledger_count_alike(zpl: str, labels: int) -> None:
    assert checked_carrier_zpl(zpl.encode()).labels == labels_in_job(zpl.encode()) == labels


@pytest.mark.parametrize(("zpl", "labels"), SEVERAL.items())
def test_several_labels_are_one_job_whose_number_the_odometer_proves(tmp_path: Path, zpl: str, labels: int) -> None:
    came: list[bytes] = []
    with EmulatedPrinter(tmp_path / "labels", on_bytes=came.append) as emulated:
        here = setups([PrinterProfile(host="127.0.0.1", port=emulated.port)])
        with PrintStation(tmp_path / "printing.db", tmp_path / "locks", here) as station:
            job = carriers(zpl, instead=False)
            fate = StationLabelPrinter(station).print_label(LabelJob("a", None, None, None), lambda _dpi: made(job))
        assert fate.result is PrintResult.PRINTED
        assert emulated.odometer == 1 + labels
        assert emulated.problems == ()
    assert made(JOB) + zpl.encode() in b"".join(came)


def test_a_label_that_would_do_more_than_print_is_not_sent_whatever_the_store_let_pass() -> None:
    with pytest.raises(Unmade, match=r"~JR in line 1 restarts the printer.* Tell the administrator\."):
        made(carriers("^XA^FDx^FS~JR^XZ", instead=False))


def test_letters_that_no_font_has_matter_only_where_our_label_is_printed() -> None:
    packing = replace(PACKING, ship_to=replace(PACKING.ship_to, name="\U000f0000 x"))
    job = replace(carriers("^XA^FO9,9^FDa^FS^XZ", instead=True), packing=packing)
    assert made(job) == b"^XA^FO9,9^FDa^FS^XZ"
    with pytest.raises(Unprintable):
        made(replace(job, instead=False))
