"""Which addresses may be fetched: what the public internet reaches, and nothing that only this machine can.

A listing is hostile: its picture address may point at a router, at a cloud's metadata service or at our own database
(server-side request forgery, CWE-918). Three places hold the line together, because each sees what the others cannot:

- `check_url`, before a request is made and again for every redirect: scheme, host and port as written;
- `resolve`, at connect time: every address the name has must be public, and the caller connects to one that was
  checked, so a name that answers differently a moment later (DNS rebinding) gains nothing;
- `evidence.gate.Gate`, the way out for a browser, which resolves and follows redirects by itself.

Limits: a public host that forwards to its own inside is out of reach of any client's guard. An HTTP proxy set for the
crawler would resolve names in our place, so proxies are switched off (``crawlers.settings``).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from contracts.errors import JikimiError

PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
# 64:ff9b::/96 (RFC 6052) carries an IPv4 address that a NAT64 gateway would reach for us.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Python 3.11 calls these global; no host answers there for us (RFC 7526 6to4 relays, RFC 3879 site-local, RFC 8215).
_NEVER = (
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("fec0::/10"),
    ipaddress.ip_network("64:ff9b:1::/48"),
)

Lookup = Callable[[str, int], list[str]]


class AddressRefused(JikimiError):
    """An address that may not be fetched; the message says why in plain words."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        self.why = why
        super().__init__(address, why)

    def __str__(self) -> str:
        return f"refused address {self.address[:200]!r}: {self.why}"


def is_public(address: str) -> bool:
    """Tell whether an IP address in canonical text form belongs to a host on the public internet.

    An IPv4 address inside an IPv6 one (mapped, compatible, 6to4, Teredo, NAT64) is judged as that IPv4 address.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        within = _embedded(ip)
        return all(_is_plainly_public(part) for part in within) if within else _is_plainly_public(ip)
    return _is_plainly_public(ip)


def _embedded(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip.sixtofour:
        return [ip.sixtofour]
    if ip.teredo:
        return list(ip.teredo)
    if ip in _NAT64 or int(ip) < 2**32:
        return [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    return []


def _is_plainly_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if any(ip in network for network in _NEVER if network.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _host_of(url: str) -> tuple[str, int]:
    if _UNSAFE.search(url):
        raise AddressRefused(url, "it holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(url, f"it cannot be read ({error})") from None
    if parts.scheme not in PORTS:
        raise AddressRefused(url, "only http and https are fetched")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(url, "it carries a user name")
    # Look-alike digits and dots ("１２７。0.0.1") become plain ones, as they do in a browser (UTS 46).
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("。", ".").rstrip(".").lower()
    if not host:
        raise AddressRefused(url, "it names no host")
    if "%" in host:
        raise AddressRefused(url, "its host is written with percent signs")
    return host, port if port is not None else PORTS[parts.scheme]


def host_port(url: str) -> str:
    """Return ``host:port`` of an http(s) address, the port always written. Raises `AddressRefused` as `check_url`."""
    host, port = _host_of(url)
    return f"{host}:{port}"


def _odd_number(host: str) -> bool:
    """Tell whether ``host`` is an IPv4 address in a form meant to be overlooked: 2130706433, 0x7f.1, 0177.0.0.1."""
    try:
        packed = socket.inet_aton(host)
    except OSError:
        return False
    return socket.inet_ntoa(packed) != host


def check_host(host: str, port: int, allowed: Collection[str] = ()) -> None:
    """Check a host as written, without looking it up.

    Args:
        host: name or IP address, lower case, IPv6 without brackets.
        port: TCP port.
        allowed: exact ``host:port`` pairs that may be private (the sandbox).

    Raises:
        AddressRefused: an IP address that is not public, or one in an odd form.
    """
    pair = f"{host}:{port}"
    if pair in allowed:
        return
    if _odd_number(host):
        raise AddressRefused(pair, "an IP address in an unusual form")
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".home.arpa")):
            raise AddressRefused(pair, "a name for machines on this network") from None
        return
    if not is_public(host):
        raise AddressRefused(pair, "not an address of the public internet")


def check_url(url: str, allowed: Collection[str] = ()) -> tuple[str, int]:
    """Check an address as written and return its host and port.

    Raises:
        AddressRefused: not http or https, a user name, no host, a private IP address, a form meant to mislead.
    """
    host, port = _host_of(url)
    check_host(host, port, allowed)
    return host, port


def system_lookup(host: str, port: int) -> list[str]:
    """Return every IP address the system's resolver has for ``host``. Raises `OSError` when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def resolve(host: str, port: int, allowed: Collection[str] = (), lookup: Lookup = system_lookup) -> list[str]:
    """Look a host up and return its addresses, all of them checked; connect to one of these and to nothing else.

    Raises:
        AddressRefused: one of its addresses is not public (one bad answer spoils the name), or `check_host` refuses.
        OSError: the name does not resolve.
    """
    check_host(host, port, allowed)
    addresses = lookup(host, port)
    if f"{host}:{port}" not in allowed:
        for address in addresses:
            if not is_public(address):
                raise AddressRefused(f"{host}:{port}", f"it leads to {address}, not on the public internet")
    return addresses


def allowed_pairs(origins: Collection[str]) -> frozenset[str]:
    """Return the ``host:port`` pairs of a job's own origins: the only private addresses that may be fetched."""
    return frozenset(host_port(origin) for origin in origins)
