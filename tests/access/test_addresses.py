"""Customers' addresses go where labels are printed, and nowhere else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from sqlalchemy import update

from sync.record.ids import TerminalId, ToteCode
from sync.store import tables as t
from sync.store.access.enrolling import make_code
from sync.terminal.enrolment import enrol
from sync.terminal.session import open_session
from sync.terminal.sync_loop import Pace
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, pick
from tests.store.serving import Client, served
from tests.store.small_site import SITE, SmallSite

HH_01 = TerminalId("HH-01")
PATIENCE_S = 20.0
QUICK = Pace(first_s=0.02, longest_s=0.1, idle_s=0.5, poll_s=20)


PERSONAL = {
    "ship_name": "Marguerite Customer",
    "ship_lines": ["12 Hidden Lane"],
    "ship_postcode": "QX7 9ZZ",
    "ship_city": "Farawaytown",
}


def something_to_pack(site: SmallSite) -> None:
    with site.write() as work:
        work.conn.execute(update(t.orders).values(**PERSONAL))
    Ledger(site, "HH-08").does(claim(), bind(), pick(1), hand_over())


def all_that_is_told(client: Client) -> str:
    """Every byte of what the terminal is told, by either way."""
    status, page = client.pull(limit=1000)
    assert (status, page["more"]) == (200, False)
    with client.http.stream("GET", "/v1/snapshot", params={"stream_id": client.stream_id}) as answer:
        assert answer.status_code == 200
        snapshot = gzip.decompress(b"".join(answer.iter_raw())).decode()
    return json.dumps(page) + snapshot


def test_a_pickers_terminal_is_told_no_address_by_any_way(site: SmallSite) -> None:
    something_to_pack(site)
    with served(site) as url:
        picker, packer = Client(site, url, "HH-07"), Client(site, url, "PACK-1", scopes=("pack",))
        to_picker, to_packer = all_that_is_told(picker), all_that_is_told(packer)
        rows = [one["row"] for one in packer.pull(limit=1000)[1]["changes"] if one["kind"] == "packing"]
        picker.http.close()
        packer.http.close()
    assert rows[0]["ship_to"]["name"] == PERSONAL["ship_name"]
    for words in ("Marguerite", "Hidden Lane", "QX7 9ZZ", "Farawaytown"):
        assert (words in to_packer, words in to_picker) == (True, False)
    assert '"packing"' in to_packer
    assert '"packing"' not in to_picker
    assert "ship_to" not in to_picker


def test_a_pack_station_that_becomes_a_pickers_terminal_forgets_what_it_was_told(
    site: SmallSite, tmp_path: Path
) -> None:
    something_to_pack(site)
    tote = ToteCode(next(str(row["tote"]) for row in site.rows(t.tote) if row["status"] == "to_pack"))
    with served(site) as url:
        for scopes in (("pack",), (), ("pack",)):
            with site.write() as work:
                code, _ = make_code(work, HH_01, scopes, "Lea")
            enrol(tmp_path, url, SITE, HH_01, code)
            assert is_told_of_packing(tmp_path, url, tote) == bool(scopes)


def is_told_of_packing(folder: Path, url: str, tote: ToteCode) -> bool:
    """What a terminal in this folder has once it knows the tote."""
    session = open_session(folder, site_id=SITE, terminal_id=HH_01, store_url=url, pace=QUICK)
    session.start()
    try:
        assert session.wait_for(lambda: session.tote(tote) is not None, PATIENCE_S)
        return session.packing(tote) is not None
    finally:
        session.close()
