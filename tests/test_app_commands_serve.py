"""``arasha serve`` as an operator uses it."""

from __future__ import annotations

import datetime
import json
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from arasha.app.main import main
from arasha.app.terminal import Exit
from arasha.engine.again import compare
from arasha.events.json import encode
from arasha.log import snapshots
from live_samples import STRICTER
from policy_samples import POLICY, written
from service_samples import ENVIRONMENT, Served, command, participant, paying, serving


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def said(service: Served, event: str) -> list[dict[str, object]]:
    """The lines of the journal about that event."""
    lines = [json.loads(line) for line in service.journal.read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--host", "0.0.0.0"), "--host 127.0.0.1, or --cert and --key"),
        (("--host", "example.org"), "--host 127.0.0.1, or --cert and --key"),
        (("--cert", "{policy}"), "--cert FILE --key FILE"),
        (("--cert", "{policy}", "--key", "{policy}"), "PEM files that belong together"),
        (("--port", "70000"), ""),
        (("--shadow", "{folder}/none.toml"), "cannot be read"),
    ],
)
def test_what_cannot_be_served_is_said(
    tmp_path: Path, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain listener on another address, half a certificate, a shadow that is not there."""
    policy = written(tmp_path, POLICY)
    filled = [word.format(policy=policy, folder=tmp_path) for word in words]
    code = main(["serve", "--data", str(tmp_path / "c"), "--policy", str(policy), *filled])
    assert Exit.USAGE == code
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_it_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    """The address on standard output; a JSON line for the beginning and the end; exit code 0."""
    with serving(tmp_path / "c", written(tmp_path, POLICY)) as service:
        assert service.address.startswith("http://127.0.0.1:")
        assert 0 == service.stop()
        assert [1] == [line["entries"] for line in said(service, "ready")]
        assert [1] == [line["entries"] for line in said(service, "stopped")]


def test_two_services_do_not_share_a_directory(tmp_path: Path) -> None:
    """The second one says who is there."""
    policy = written(tmp_path, POLICY)
    with (
        serving(tmp_path / "c", policy),
        pytest.raises(AssertionError, match="another process is writing this log"),
        serving(tmp_path / "c", policy),
    ):
        pass


def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(tmp_path: Path) -> None:
    """It ends by itself, with a sentence."""
    import socket
    import subprocess

    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = command(tmp_path / "c", written(tmp_path, POLICY))
        words[words.index("--port") + 1] = str(taken.getsockname()[1])
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=60, env=ENVIRONMENT
        )
    assert Exit.FAULT == done.returncode
    assert "address already in use" in done.stderr


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "centre")])
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return cert_file, key_file


def test_with_a_certificate_it_speaks_tls_and_nothing_else(tmp_path: Path) -> None:
    """A payment is judged over TLS; a plain request gets no answer."""
    cert, key = certificate(tmp_path)
    keys = {"BANKKZKA": participant(tmp_path / "c", "BANKKZKA")}
    words = ("--cert", str(cert), "--key", str(key), "--host", "0.0.0.0")
    with serving(tmp_path / "c", written(tmp_path, POLICY), *words, keys=keys) as service:
        assert service.address.startswith("https://")
        address = f"https://127.0.0.1:{service.port}"
        context = ssl.create_default_context(cafile=str(cert))
        response = httpx.post(
            f"{address}/v1/payments", content=encode(paying("tls")), verify=context, timeout=30,
            headers={"authorization": f"Bearer {keys['BANKKZKA']}"},
        )  # fmt: skip
        assert (200, "allow") == (response.status_code, response.json()["action"])
        with pytest.raises(httpx.TransportError):
            httpx.get(address.replace("https", "http") + "/health/live", timeout=10)


def test_a_new_policy_takes_over_while_it_runs(tmp_path: Path) -> None:
    """SIGHUP reads the file again; a broken one changes nothing; nothing is lost or restarted."""
    policy = written(tmp_path, POLICY)
    keys = {"BANKKZKA": participant(tmp_path / "c", "BANKKZKA")}
    with serving(tmp_path / "c", policy, keys=keys) as service, service.client() as client:
        before = client.judge(paying("before", payee_account="KZ-a"))
        written(tmp_path, POLICY.replace("when =", "whenever ="))
        service.process.send_signal(signal.SIGHUP)
        until(lambda: len(said(service, "switch")) == 1)
        written(tmp_path, STRICTER)
        service.process.send_signal(signal.SIGHUP)
        until(lambda: len(said(service, "switch")) == 2)
        after = client.judge(paying("after", payee_account="KZ-b"))
        assert before == client.decision("before")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: len(said(service, "switch")) == 3)
        assert ["PolicyError", None, None] == [
            line.get("error") for line in said(service, "switch")
        ]
        assert ["in force", "unchanged"] == [line["result"] for line in said(service, "switch")[1:]]
        assert 0 == service.stop()
    assert ("allow", "small") == (before.action, before.policy.name)
    assert ("hold", "stricter") == (after.action, after.policy.name)
    assert 0 == compare(tmp_path / "c").differing


def test_a_key_that_is_made_or_revoked_counts_within_a_moment(tmp_path: Path) -> None:
    """Changes of rights are taken up while it runs, and stand in its log."""
    directory = tmp_path / "c"
    with serving(directory, written(tmp_path, POLICY)) as service:
        service.keys["LATER"] = participant(directory, "LATER")
        until(lambda: service.request("GET", "/v1/decisions/x", name="LATER").status_code == 404)
        until(lambda: len(said(service, "acts")) == 1)
        key_id = service.keys["LATER"].partition(".")[0]
        assert Exit.OK == main(["participant", "revoke", key_id, "--data", str(directory)])
        until(lambda: service.request("GET", "/v1/decisions/x", name="LATER").status_code == 401)
        assert 0 == service.stop()


def test_a_snapshot_makes_the_next_start_quick(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``arasha log snapshot`` while it runs; the start goes on from there; the answers stay."""
    directory, payment = tmp_path / "c", paying("one")
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    with serving(directory, written(tmp_path, POLICY), keys=keys) as service:
        with service.client() as client:
            told = client.judge(payment)
        assert Exit.OK == main(["log", "snapshot", str(directory), "--json"])
        at = json.loads(capsys.readouterr().out)["seq"]
        service.kill()
    assert [at] == [seq for seq, _ in snapshots.listed(directory)]
    with serving(directory, None, keys=keys) as service, service.client() as client:
        assert told == client.judge(payment)
