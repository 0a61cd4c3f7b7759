"""Documents of cases at a real service: in, out, to whom, for how long, and in a pack."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from arasha.cases.attachments import MAX_BYTES
from arasha.engine.live_start import open_live
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.record import begin
from arasha.policy.document import load
from arasha.reports.evidence_verifier import Fault, checked
from exchange_samples import acts_of_log
from live_samples import WITH_FALLBACK
from policy_samples import written
from record_samples import ORIGIN
from service_samples import ENVIRONMENT, Served, participant, serving
from test_app_http_acting import LAW, call, people, stolen, until

PDF = b"%PDF-1.7\n%\xe2\xe3 the contract of KZ75125KZT1001300335"
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A centre with a record, two banks, its people, and one case that aigul has taken."""
    policy, directory = written(tmp_path, WITH_FALLBACK), tmp_path / "centre"
    open_live(directory, load(policy), 1).log.close()
    with Log.open(directory) as log:
        (tmp_path / "keys.txt").write_text(begin(log, directory, ORIGIN).keys_text)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        stolen(service, "a-1")
        yield service


def the_case(served: Served) -> str:
    return str(call(served, "aigul", "GET", "/v1/cases")["cases"][0]["id"])


def send(served: Served, case: str, data: bytes, name: str | None = "aigul") -> httpx.Response:
    headers = {"content-type": "application/pdf"}
    return served.request("POST", f"/v1/cases/{case}/attachments", data, name=name, headers=headers)


def test_a_document_comes_in_and_goes_out_to_who_may_see_the_case(
    served: Served, tmp_path: Path
) -> None:
    """The whole way: refused until the case is taken; in; out, each time as an entry; after a kill;
    in the pack; erased while the service runs.
    """
    case = the_case(served)
    path = f"/v1/cases/{case}/attachments/{DIGEST}"
    assert 409 == send(served, case, PDF).status_code, "nobody has taken it"
    call(served, "aigul", "POST", f"/v1/cases/{case}/take")
    assert 404 == served.request("GET", path, name="aigul").status_code
    for name, status in (("zhanar", 403), ("ivan", 403), ("BANKKZKA", 403), (None, 401)):
        assert status == send(served, case, PDF, name).status_code, name
    assert 415 == send(served, case, b"MZ\x90\x00 says it is a PDF").status_code
    assert 413 == send(served, case, PDF + bytes(MAX_BYTES)).status_code
    assert 404 == send(served, "c99999", PDF).status_code
    kept = send(served, case, PDF)
    assert 200 == kept.status_code, kept.text
    assert {"kind": "case", "id": case} == {
        key: value for key, value in kept.json()["changed"][0].items() if key != "status"
    }
    (told,) = call(served, "aigul", "GET", f"/v1/cases/{case}")["attachments"]
    assert ("aigul", DIGEST, "application/pdf", len(PDF)) == tuple(
        told[name] for name in ("by", "sha256", "media_type", "size_bytes")
    )
    served.kill()

    with serving(served.directory, None, keys=served.keys) as again:
        before = views(again)
        found = again.request("GET", path, name="bolat")
        assert (200, PDF) == (found.status_code, found.content)
        assert ("application/pdf", "nosniff", "no-store") == tuple(
            found.headers[name] for name in
            ("content-type", "x-content-type-options", "cache-control")
        )  # fmt: skip
        assert (
            f'attachment; filename="attachment-{DIGEST}.pdf"'
            == (found.headers["content-disposition"])
        )
        assert before + 1 == views(again)
        for name, status in (("ivan", 403), ("MULEBANK", 403), (None, 401)):
            assert status == again.request("GET", path, name=name).status_code, name
        other = f"/v1/cases/{case}/attachments/{'0' * 64}"
        assert 404 == again.request("GET", other, name="bolat").status_code
        assert before + 1 == views(again)

        pack = packed(again, case, tmp_path)
        said = checked(pack, (tmp_path / "keys.txt").read_text())
        assert "1 documents are those that its entries name" in said
        assert PDF == (pack / f"attachment-{DIGEST}.pdf").read_bytes()
        (pack / f"attachment-{DIGEST}.pdf").write_bytes(PDF + b"!")
        with pytest.raises(Fault, match="changed"):
            checked(pack)

        erase(again, case)
        assert 404 == again.request("GET", path, name="bolat").status_code
        until(lambda: "attachments_erased" in changes(again))
        assert 0 == again.stop()
        assert "the contract" not in again.journal.read_text()
    files = [path for path in served.directory.rglob("*") if path.is_file()]
    assert not [path for path in files if b"the contract" in path.read_bytes()]


def views(served: Served) -> int:
    """Views of parties that are entries."""
    return sum(body.get("act", {}).get("act") == "party_viewed"
               for _, body in acts_of_log(served.directory))  # fmt: skip


def changes(served: Served) -> list[str]:
    return [body["change"] for kind, body in acts_of_log(served.directory) if kind == Kind.RIGHTS]


def packed(served: Served, case: str, folder: Path) -> Path:
    """The pack of evidence, unpacked."""
    why = json.dumps({"why": "For the court."}).encode()
    response = served.request("POST", f"/v1/cases/{case}/evidence", why, name="gulnara")
    assert 200 == response.status_code, response.text
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        archive.extractall(folder / "pack")
    return folder / "pack"


def erase(served: Served, case: str) -> None:
    """By an officer, from the command line, while the service runs; an analyst may not."""
    for name, code in (("aigul", 2), ("bolat", 0)):
        done = subprocess.run(
            [sys.executable, "-m", "arasha.app.main", "attachments", "erase", case,
             "--data", str(served.directory), "--reason", "a court has ordered it"],
            env=ENVIRONMENT | {"ARASHA_TOKEN": served.keys[name]}, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert code == done.returncode, done.stderr
