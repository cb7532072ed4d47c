"""A small site with items and people, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.floor_ledger import lay_out
from tests.store.small_site import SmallSite, small_site
from tests.store.test_changes import made_known


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made
