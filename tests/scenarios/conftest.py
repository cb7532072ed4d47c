"""The small site, its printer, and a terminal in somebody's hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    shop.open()
    yield shop
    shop.close()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path / "labels") as printer:
        yield printer


@pytest.fixture
def terminal(shop: Shop, printer: EmulatedPrinter, tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(tmp_path, shop.url, printer) as terminal:
        terminal.wait_for("sign_in")
        yield terminal
