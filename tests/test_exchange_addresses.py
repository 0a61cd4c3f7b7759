from __future__ import annotations

import ipaddress

import pytest

from arasha.errors import UsageError
from arasha.exchange.addresses import may_connect, network_of, target_of

TAKEN = """
https://bank.example/arasha          https  bank.example      443   /arasha
https://Bank.Example                 https  bank.example      443   /
https://bank.example:8443/a/b%20c    https  bank.example      8443  /a/b%20c
https://[2001:db8::1]/hook           https  2001:db8::1       443   /hook
https://10.1.2.3/hook                https  10.1.2.3          443   /hook
http://127.0.0.1:9000/hook           http   127.0.0.1         9000  /hook
http://[::1]:9000/                   http   ::1               9000  /
http://localhost:9000/hook           http   localhost         9000  /hook
"""

REFUSED = (
    "http://bank.example/", "http://10.0.0.1/", "http://localhost.bank.example/",
    "ftp://bank.example/", "file:///etc/passwd", "bank.example/hook", "https://", "",
    "https://user@bank.example/", "https://user:word@bank.example/", "https://bank.example/?key=1",
    "https://bank.example/#part", "https://bank.example/a b", "https://bank.example/\r\nx: y",
    "https://bank.example\\@127.0.0.1/", "https://bänk.example/", "https://bank.example:99999/",
    "https://bank.example:0/", "https://bank.example:port/", "https://[::1/", "https://-/",
    "https://bank.example/" + "a" * 1_024, "http://127.1/", "http://2130706433/",
)  # fmt: skip


@pytest.mark.parametrize("line", TAKEN.strip().splitlines())
def test_an_address_is_taken_apart(line: str) -> None:
    """Scheme, host, port and path as they are used."""
    url, *expected = line.split()
    target = target_of(url)
    assert expected == [target.scheme, target.host, str(target.port), target.path]


@pytest.mark.parametrize("url", REFUSED)
def test_what_a_webhook_cannot_have_is_refused(url: str) -> None:
    """Neither plain http elsewhere, nor a secret in the URL, nor two readings of one text."""
    with pytest.raises(UsageError):
        target_of(url)


ADDRESSES = """
8.8.8.8                  yes
2a00:1450:4001:80b::200e yes
10.0.0.1                 no
172.16.9.9               no
192.168.1.1              no
169.254.169.254          no
100.64.0.1               no
127.0.0.1                no
0.0.0.0                  no
224.0.0.1                no
255.255.255.255          no
::1                      no
::                       no
fe80::1                  no
fe80::1%eth0             no
fc00::1                  no
ff02::1                  no
::ffff:127.0.0.1         no
::ffff:10.0.0.1          no
64:ff9b::7f00:1          no
2002:7f00:1::            no
not-an-address           no
"""


@pytest.mark.parametrize("line", ADDRESSES.strip().splitlines())
def test_a_name_leads_to_no_private_address(line: str) -> None:
    """Whatever the name stands for, and however that is written."""
    address, expected = line.split()
    assert (expected == "yes") == may_connect(address, target_of("https://bank.example/"), [])


def test_an_operator_may_name_private_networks_and_loopback() -> None:
    """The named network and no other; loopback where the URL says so itself."""
    bank, networks = target_of("https://bank.example/"), [network_of("10.20.0.0/16")]
    assert may_connect("10.20.3.4", bank, networks)
    assert may_connect("::ffff:10.20.3.4", bank, networks)
    assert not may_connect("10.21.3.4", bank, networks)
    assert not may_connect("127.0.0.1", bank, networks)
    here = target_of("http://localhost/")
    assert [True, True, False] == [
        may_connect(one, here, []) for one in ("127.0.0.1", "::1", "10.0.0.1")
    ]
    assert ipaddress.ip_network("fd00::/8") == network_of("fd00::/8")
    with pytest.raises(UsageError, match="no network"):
        network_of("10.20.0.1/16")
