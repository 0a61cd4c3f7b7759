from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from arasha.app.http import openapi
from arasha.app.http.openapi_webhooks import event_schema
from arasha.events.schema import Kind
from arasha.exchange.messages import CAMT_056, OF_CASES, TYPES
from arasha.exchange.outbox import Outbox
from arasha.log.log import Log
from followed_samples import act, followed, label, rows, webhook
from log_samples import APRIL_MS, keep


def test_every_message_is_what_is_described(tmp_path: Path) -> None:
    """Of each type at least one, as it is sent; those of cases are in test_app_http_acting.py, the
    camt.056 is in test_app_http_iso_recall.py.
    """
    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, "BANKKZKA")
        first = keep(log, 4, 0)
        for fraud in (True, False):
            label(log, f"l-{fraud}", "p-0", fraud=fraud)
        act(log, Kind.UNTOLD, {"payments": [first]})
        outbox = Outbox.open(tmp_path)
        followed(log, outbox)
    found = rows(outbox)
    assert set(TYPES) - {*OF_CASES, CAMT_056} == {row.type for row in found}
    for row in found:
        jsonschema_rs.validate(event_schema(row.type), json.loads(row.body))
    outbox.close()


@pytest.mark.parametrize("name", TYPES)
def test_the_document_has_each_type(name: str) -> None:
    """In ``webhooks``, with the schema of the body."""
    described = json.loads(openapi.document())["webhooks"][name]["post"]
    [content] = described["requestBody"]["content"].values()
    assert event_schema(name) == content["schema"]
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(content["schema"], {"specversion": "1.0"})
