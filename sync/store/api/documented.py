"""What the OpenAPI document says where types alone do not: the body of a push, the rows of the feed, the refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from sync.record.rows import ROW_KINDS
from sync.store.access.enrolling import KEY_CHANGED
from sync.wire.messages import ID_PATTERN, MAX_PUSH_ENTRIES, Change, Problem, Push, SnapshotEnd, SnapshotLine

REFUSALS = {
    400: "The request cannot be understood: `bad_request`, `bad_cursor`",
    401: "The request does not prove who sends it: `not_enrolled`, `bad_key`",
    403: "Its sender may not do this: `revoked`, `not_yours`, `not_allowed`; an enrolment: `bad_code`, `code_needed`",
    404: "The store has no such thing or site: `not_found`, `unknown_site`",
    408: "The body did not come in time: `too_slow`",
    409: "The ledger does not follow what the store holds: `fork`, `gap` (with `hwm`)",
    413: "More than one request may hold: `too_large`",
    415: "The body is compressed or no JSON: `bad_encoding`",
    426: "The terminal is too old for the answer; its ledger is taken in all the same: `upgrade`",
    429: "More requests than one may send; `Retry-After` says when to go on: `too_often`",
    500: "The store failed on the request; its log says why under `reference`: `internal`",
    503: "The store could not answer now and nothing was recorded; send again: `database`, `busy` (`Retry-After`)",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """How a handler's refusals are documented; 429, 500 and 503 may always come."""
    return {
        status: ResponseSpec(data_container=Problem, description=REFUSALS[status], generate_examples=False)
        for status in (*statuses, 429, 500, 503)
    }


@dataclass
class PushOperation(Operation):
    """Documents the body that `push` reads itself: the entries must stay the bytes that were hashed."""

    def __post_init__(self) -> None:
        name = Schema(type=OpenAPIType.STRING, pattern=ID_PATTERN)
        number = Schema(type=OpenAPIType.INTEGER, minimum=1)
        amount = Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=2**31 - 1)
        schema = Schema(
            type=OpenAPIType.OBJECT,
            required=[field.name for field in msgspec.structs.fields(Push) if field.required],
            properties={
                "protocol": number,
                "site_id": name,
                "terminal_id": name,
                "nonce": Schema(type=OpenAPIType.STRING, max_length=128),
                "release": Schema(type=OpenAPIType.STRING, max_length=32, pattern=r"^[0-9A-Za-z.+-]*$"),
                "owed": amount,
                "owed_for_s": amount,
                "from_seq": number,
                "prev_h": Schema(type=OpenAPIType.STRING, pattern="^[0-9a-f]{64}$"),
                "entries": Schema(
                    type=OpenAPIType.ARRAY,
                    items=Schema(type=OpenAPIType.OBJECT),
                    min_items=1,
                    max_items=MAX_PUSH_ENTRIES,
                ),
            },
        )
        self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True)


@dataclass
class EnrolOperation(Operation):
    """Documents the body that `enrol` reads itself: its signature is looked at before anything else."""

    def __post_init__(self) -> None:
        name = Schema(type=OpenAPIType.STRING, pattern=ID_PATTERN)
        schema = Schema(
            type=OpenAPIType.OBJECT,
            required=["site_id", "terminal_id", "public_key"],
            properties={
                "site_id": name,
                "terminal_id": name,
                "public_key": Schema(type=OpenAPIType.STRING, pattern="^[0-9a-f]{64}$"),
                "code": Schema(type=OpenAPIType.STRING, max_length=64),
                "scopes": Schema(type=OpenAPIType.ARRAY, items=name, max_items=4),
            },
        )
        self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True)


@dataclass
class LabelOperation(Operation):
    """Documents the body of a carrier's label, which is no JSON."""

    def __post_init__(self) -> None:
        zpl = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        self.request_body = RequestBody(content={"text/plain": zpl}, required=True)


class ChangeSchema(OpenAPISchemaPlugin):
    """A change, and a line of a snapshot, carries the row of its kind as raw JSON, which no type tells."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value in (Change, SnapshotLine)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        change = self._change(schema_creator)
        if field_definition.raw is Change:
            return change
        end = schema_creator.for_field_definition(FieldDefinition.from_annotation(SnapshotEnd))
        last = Schema(type=OpenAPIType.OBJECT, required=["end"], properties={"end": end})
        return Schema(one_of=[change, last])

    @staticmethod
    def _change(schema_creator: Any) -> Schema:
        rows = [
            schema_creator.for_field_definition(FieldDefinition.from_annotation(row_type))
            for row_type in ROW_KINDS.values()
        ]
        return Schema(
            type=OpenAPIType.OBJECT,
            required=["kind", "key"],
            properties={
                "kind": Schema(type=OpenAPIType.STRING, enum=[*ROW_KINDS, KEY_CHANGED]),
                "key": Schema(type=OpenAPIType.STRING),
                "row": Schema(one_of=rows, description="Absent when it was deleted or left the terminal's scope."),
            },
        )
