"""The bytes on the wire are a contract: every kind has a recorded sample, and today's code writes and reads it alike.

A kind without a file has no sample: record its bytes once, from `encode_entry` or `encode_row`. A file that stands is
never changed: a changed kind is a new version, with an up-caster.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sync.record.facts import FACT_KINDS
from sync.record.rows import ROW_KINDS
from sync.wire.codec import chain, decode_entry, decode_row, encode_entry, encode_row
from sync.wire.messages import GENESIS
from tests.wire.samples import FACTS, ROWS, entry

GOLDEN = Path(__file__).parent / "golden"
ENTRIES = {fact.kind: entry(number, fact) for number, fact in enumerate(FACTS, start=1)}


def recorded(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


def test_every_kind_has_one_recorded_sample_and_every_sample_a_kind() -> None:
    chain_and_kinds = {"chain", *FACT_KINDS, *(f"row-{kind}" for kind in ROW_KINDS)}
    assert {path.stem for path in GOLDEN.glob("*.json")} == chain_and_kinds
    assert set(ENTRIES) == set(FACT_KINDS)
    assert set(ROWS) == set(ROW_KINDS)


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_an_entry_is_written_and_read_as_recorded(kind: str) -> None:
    assert encode_entry(ENTRIES[kind]) == recorded(kind)
    assert decode_entry(recorded(kind)) == ENTRIES[kind]
    assert type(decode_entry(recorded(kind)).fact) is FACT_KINDS[kind]


@pytest.mark.parametrize("kind", FACT_KINDS)
def test_a_canonical_body_is_plain_json_with_sorted_keys_and_no_spaces(kind: str) -> None:
    plain = json.loads(recorded(kind))
    assert json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == recorded(kind)
    assert plain["kind"] == kind


@pytest.mark.parametrize("kind", ROW_KINDS)
def test_a_row_is_written_and_read_as_recorded(kind: str) -> None:
    assert encode_row(ROWS[kind]) == recorded(f"row-{kind}")
    assert decode_row(kind, recorded(f"row-{kind}")) == ROWS[kind]


@pytest.mark.parametrize("path", sorted((GOLDEN / "earlier").glob("row-*.json")), ids=lambda path: path.stem)
def test_a_row_of_an_earlier_release_is_read_with_what_it_did_not_say_left_at_its_default(path: Path) -> None:
    """Replicas keep rows over an update of the program."""
    said = json.loads(path.read_bytes())
    read = decode_row(path.stem.removeprefix("row-"), path.read_bytes())
    assert read is not None
    row = json.loads(encode_row(read))
    assert {name: row[name] for name in said} == said
    assert row.keys() > said.keys()


@pytest.mark.parametrize(
    "path", sorted(path for path in (GOLDEN / "earlier").glob("*@*.json")), ids=lambda path: path.stem
)
def test_an_entry_of_an_earlier_release_is_read_with_what_it_did_not_say_left_at_its_default(path: Path) -> None:
    """Ledgers keep entries over an update of the program, and their bytes are hashed as they stand."""
    said = json.loads(path.read_bytes())["data"]
    data = json.loads(encode_entry(decode_entry(path.read_bytes())))["data"]
    assert {name: data[name] for name in said} == said
    assert data.keys() > said.keys()


def test_the_chain_over_all_entries_is_as_recorded_and_as_reckoned_apart() -> None:
    h, apart, hashes = GENESIS, bytes(32), []
    for kind in FACT_KINDS:
        h = chain(h, recorded(kind))
        apart = hashlib.sha256(apart + recorded(kind)).digest()
        hashes.append(h)
    assert hashes[-1] == apart.hex()
    assert hashes == json.loads(recorded("chain"))
