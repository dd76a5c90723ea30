"""The guard against private addresses."""

import ipaddress
import socket
import threading
import urllib.error
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.addresses import AddressRefused, allowed_pairs, check_url, host_port, is_public, resolve
from evidence.gate import Gate

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "fec0::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_only_this_machine_reaches_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_the_internet_reaches_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8000/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://127.0.0.1./",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://shop.localhost/",
        "http://printer.local/",
        "http://169.254.169.254/latest/meta-data/",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://127.0.0.1\\@example.com/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://ex%61mple.com/",
        "http:///path",
        "http://example.com:99999/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com/",
        "",
    ],
)
def test_refused_as_written(url):
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/a?b=c", "http://8.8.8.8:8080/", "https://상점.example/가", "http://[2606:4700::1111]/"]
)
def test_public_addresses_pass_as_written(url):
    check_url(url)


def test_only_the_exact_pair_is_allowed():
    allowed = allowed_pairs(["http://127.0.0.1:8765", "http://localhost:80/"])
    assert allowed == {"127.0.0.1:8765", "localhost:80"}
    assert check_url("http://127.0.0.1:8765/item/1", allowed) == ("127.0.0.1", 8765)
    assert resolve("127.0.0.1", 8765, allowed) == ["127.0.0.1"]
    for url in ("http://127.0.0.1:8766/", "http://127.0.0.2:8765/", "http://127.0.0.1/", "http://[::1]:8765/"):
        with pytest.raises(AddressRefused):
            check_url(url, allowed)


def test_one_private_answer_spoils_the_name():
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.5"):
        resolve("shop.example", 443, lookup=lambda host, port: ["93.184.216.34", "10.0.0.5"])
    assert resolve("shop.example", 443, lookup=lambda host, port: ["93.184.216.34"]) == ["93.184.216.34"]


def test_a_name_that_turns_private_is_refused_when_it_does():
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    assert resolve("shop.example", 80, lookup=lambda host, port: next(answers))
    with pytest.raises(AddressRefused):
        resolve("shop.example", 80, lookup=lambda host, port: next(answers))


def test_the_port_is_always_written():
    assert host_port("https://Example.com/x") == "example.com:443"


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_mapping_an_address_into_ipv6_never_makes_it_public(number):
    plain = ipaddress.IPv4Address(number)
    assert is_public(f"::ffff:{plain}") == is_public(str(plain))


@given(st.text(max_size=60))
def test_any_text_is_answered_with_a_pair_or_a_refusal(text):
    try:
        host, port = check_url(text)
    except AddressRefused:
        return
    assert host
    assert 0 <= port <= 65535


# The way out for browsers


class Origin:
    """A loopback server that answers every connection with what it is given."""

    def __init__(self, answer: bytes) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.requests: list[bytes] = []
        threading.Thread(target=self._serve, args=(answer,), daemon=True).start()

    def _serve(self, answer):
        while True:
            try:
                near, _ = self.socket.accept()
            except OSError:
                return
            with near:
                self.requests.append(near.recv(65536))
                near.sendall(answer)


@pytest.fixture
def origin():
    server = Origin(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    yield server
    server.socket.close()


def through(gate, url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": gate.address, "https": gate.address}))
    with opener.open(url, timeout=10) as answer:
        return answer.read()


def test_the_gate_lets_the_allowed_pair_through_and_nothing_else_on_the_machine(origin):
    other = Origin(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
    with Gate({f"127.0.0.1:{origin.port}"}) as gate:
        assert through(gate, f"http://127.0.0.1:{origin.port}/a?b=1") == b"hello"
        assert origin.requests[0].startswith(b"GET /a?b=1 HTTP/1.1\r\n")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            through(gate, f"http://127.0.0.1:{other.port}/")
        with pytest.raises(OSError, match="403"):
            through(gate, f"https://127.0.0.1:{other.port}/")
        assert len(gate.refused) == 2
    assert other.requests == []
    other.socket.close()


def test_the_gate_tunnels_to_the_allowed_pair(origin):
    with Gate({f"127.0.0.1:{origin.port}"}) as gate:
        host, port = gate.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as near:
            near.sendall(f"CONNECT 127.0.0.1:{origin.port} HTTP/1.1\r\n\r\n".encode())
            assert near.recv(100).startswith(b"HTTP/1.1 200")
            near.sendall(b"anything")
            assert near.recv(1000).endswith(b"hello")
    assert origin.requests == [b"anything"]


def test_nonsense_at_the_gate_is_answered(origin):
    with Gate() as gate:
        host, port = gate.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as near:
            near.sendall(b"nonsense\r\n\r\n")
            assert near.recv(100).startswith(b"HTTP/1.1 400")
