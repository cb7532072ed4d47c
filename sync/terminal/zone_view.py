"""What a terminal's session says of zones: where its worker picks, and what there is to pick."""

from __future__ import annotations

from sync.record.facts import ZoneChosen
from sync.record.ids import ZoneId
from sync.record.rows import WorkerRow, ZoneRow
from sync.terminal.local_record import LocalRecord
from sync.terminal.overlay import ZONE


class ZoneView:
    """A part of `sync.terminal.session.TerminalSession`."""

    _record: LocalRecord

    def zone(self) -> ZoneId | None:
        with self._record.changed:
            return self._zone()

    def _zone(self) -> ZoneId | None:
        worker_id = self._record.ledger.signed_in()
        row = None if worker_id is None else self._record.replica.get("worker", worker_id)
        zone_id = row.zone_id if isinstance(row, WorkerRow) else None
        site = self._record.replica.site()
        if site is None or not site.zone_choice:
            return zone_id
        for entry in self._record.ledger.since(ZONE, self._record.overlay.reflected_seq()):
            if isinstance(entry.fact, ZoneChosen) and entry.stamp.worker_id == worker_id:
                zone_id = entry.fact.zone_id
        return zone_id

    def zones_to_choose(self) -> tuple[ZoneRow, ...]:
        with self._record.changed:
            replica = self._record.replica
            site = replica.site()
            zones = [row for row in replica.all("zone") if isinstance(row, ZoneRow)]
            if site is None or not site.zone_choice or len(zones) < 2:
                return ()
            is_used = self._zone() is not None or any(replica.count("zone_work", row.zone_id) for row in zones)
            return tuple(sorted(zones, key=lambda row: row.zone_id)) if is_used else ()

    def open_list_count(self) -> int:
        with self._record.changed:
            zone_id = self._zone()
            return self._record.replica.open_list_count() if zone_id is None else self._open_in(zone_id)

    def open_lists_of_zone(self, zone_id: ZoneId) -> int:
        with self._record.changed:
            return self._open_in(zone_id)

    def _open_in(self, zone_id: ZoneId) -> int:
        return self._record.replica.count("zone_open", zone_id)
