"""Who works in a demo warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from sync.record.ids import BadgeCode, WorkerId
from sync.record.rows import Role

DEMO_PIN = "1234"
"""Opens nothing but a demo: shorter than a new worker's may be, and without the site's pepper."""


@dataclass(frozen=True, slots=True)
class DemoWorker:
    number: int
    name: str
    roles: tuple[Role, ...]
    has_pin: bool = False

    @property
    def worker_id(self) -> WorkerId:
        return WorkerId(f"W-{self.number}")

    @property
    def badge(self) -> BadgeCode:
        return BadgeCode(f"B-{self.number}")


# Twelve who pick, five who pack or sort at the wall, two who count, two leads: enough for every way of picking.
DEMO_WORKERS = (
    DemoWorker(1001, "Ada Brennan", (Role.PICKER,)),
    DemoWorker(1002, "Tomasz Nowak", (Role.PICKER,)),
    DemoWorker(1003, "Grace Okafor", (Role.PICKER,)),
    DemoWorker(1004, "Luis Ferreira", (Role.PICKER,)),
    DemoWorker(1005, "Mina Haddad", (Role.PICKER,)),
    DemoWorker(1006, "Sam Whitlock", (Role.PICKER,), has_pin=True),
    DemoWorker(1007, "Ines Moreau", (Role.PICKER, Role.PACKER)),
    DemoWorker(1008, "Owen Pritchard", (Role.PACKER,)),
    DemoWorker(1009, "Yuki Tanaka", (Role.PACKER,)),
    DemoWorker(1010, "Ruth Adeyemi", (Role.LEAD,), has_pin=True),
    DemoWorker(1011, "Karl Lindqvist", (Role.STOCK,)),
    DemoWorker(1012, "Nadia Petrova", (Role.ADMINISTRATOR,), has_pin=True),
    DemoWorker(1013, "Femi Balogun", (Role.PICKER,)),
    DemoWorker(1014, "Carla Jensen", (Role.PICKER,)),
    DemoWorker(1015, "Ravi Menon", (Role.PICKER,)),
    DemoWorker(1016, "Elif Kaya", (Role.PICKER,)),
    DemoWorker(1017, "Hugo Martel", (Role.PICKER,)),
    DemoWorker(1018, "Lena Fischer", (Role.PACKER,)),
    DemoWorker(1019, "Amir Rahimi", (Role.PACKER,)),
    DemoWorker(1020, "Dora Novotna", (Role.PACKER,)),
    DemoWorker(1021, "Pia Lehto", (Role.STOCK,)),
    DemoWorker(1022, "Marek Zielinski", (Role.LEAD,)),
)
