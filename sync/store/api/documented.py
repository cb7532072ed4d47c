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
from sync.wire.messages import ID_PATTERN, MAX_PUSH_ENTRIES, Change, Problem, Push

REFUSALS = {
    400: "The request cannot be understood: `bad_request`, `bad_cursor`",
    404: "The store has no such site: `unknown_site`",
    409: "The ledger does not follow what the store holds: `fork`, `gap` (with `hwm`)",
    413: "More than one push may hold: `too_large`",
    500: "The store failed on the request; its log says why under `reference`: `internal`",
    503: "The database did not answer and nothing was recorded; send again: `database`",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """How a handler's refusals are documented; 500 and 503 may always come."""
    return {
        status: ResponseSpec(data_container=Problem, description=REFUSALS[status], generate_examples=False)
        for status in (*statuses, 500, 503)
    }


@dataclass
class PushOperation(Operation):
    """Documents the body that `push` reads itself: the entries must stay the bytes that were hashed."""

    def __post_init__(self) -> None:
        name = Schema(type=OpenAPIType.STRING, pattern=ID_PATTERN)
        number = Schema(type=OpenAPIType.INTEGER, minimum=1)
        schema = Schema(
            type=OpenAPIType.OBJECT,
            required=[field.name for field in msgspec.structs.fields(Push)],
            properties={
                "protocol": number,
                "site_id": name,
                "terminal_id": name,
                "nonce": Schema(type=OpenAPIType.STRING, max_length=128),
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


class ChangeSchema(OpenAPISchemaPlugin):
    """A change carries the row of its kind as raw JSON, which no type tells."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Change

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        rows = [
            schema_creator.for_field_definition(FieldDefinition.from_annotation(row_type))
            for row_type in ROW_KINDS.values()
        ]
        return Schema(
            type=OpenAPIType.OBJECT,
            required=["kind", "key"],
            properties={
                "kind": Schema(type=OpenAPIType.STRING, enum=list(ROW_KINDS)),
                "key": Schema(type=OpenAPIType.STRING),
                "row": Schema(one_of=rows, description="Absent when it was deleted or left the terminal's scope."),
            },
        )
