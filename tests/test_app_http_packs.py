"""Packs of evidence from a running service."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

from arasha.app.http.packs import zipped
from arasha.cases.projection import rebuilt
from arasha.engine.live_start import open_live
from arasha.events.json import encode
from arasha.events.records import ReportFiled
from arasha.log.log import Log
from arasha.log.record import begin
from arasha.policy.document import load
from arasha.reports.evidence_verifier import checked
from live_samples import WITH_FALLBACK
from policy_samples import written
from record_samples import ORIGIN
from service_samples import now, participant, paying, serving
from test_app_http_acting import LAW, people, until


def test_an_officer_gets_a_pack_that_proves_itself(tmp_path: Path) -> None:
    """An analyst does not; the reason is wanted; the pack has the payment and the report, too."""
    policy, directory = written(tmp_path, WITH_FALLBACK), tmp_path / "centre"
    open_live(directory, load(policy), 1).log.close()
    with Log.open(directory) as log:
        keys_text = begin(log, directory, ORIGIN).keys_text
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        with service.client() as client:
            client.judge(paying("e-1", payer_bank="BANKKZKA", payee_bank="MULEBANK"))
        report = ReportFiled(id="report-e-1", happened_at=now(), payment="e-1", attested=True)
        assert 200 == service.request("POST", "/v1/events", encode(report)).status_code

        def case() -> str | None:
            with Log.open(directory, writable=False) as log:
                state = rebuilt(log).state
            return next(iter(state.cases)) if state.holds else None

        path = f"/v1/cases/{until(case)}/evidence"
        why = json.dumps({"why": "For the court."}).encode()
        assert 403 == service.request("POST", path, why, name="aigul").status_code
        assert 403 == service.request("POST", path, why, name="zhanar").status_code
        assert 400 == service.request("POST", path, b"{}", name="bolat").status_code
        none = service.request("POST", "/v1/cases/c99999/evidence", why, name="bolat")
        assert 404 == none.status_code
        response = service.request("POST", path, why, name="gulnara")
        assert 200 == response.status_code, response.text
        assert "application/zip" == response.headers["content-type"]
        assert 0 == service.stop()
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        archive.extractall(tmp_path / "pack")
    said = checked(tmp_path / "pack", keys_text)
    assert "gulnara took case" in said[-1]
    told = json.loads((tmp_path / "pack" / "case.json").read_text())
    assert {"payment", "report"} <= {one["what"] for one in told["entries"]}
    assert {None} == {one["act"] for one in told["entries"] if one["what"] == "payment"}


def test_the_same_files_are_the_same_bytes() -> None:
    """No time of day is in the archive."""
    files = {"b": b"2", "a": b"1"}
    assert zipped(files) == zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(BytesIO(zipped(files))) as archive:
        assert ["a", "b"] == archive.namelist()
