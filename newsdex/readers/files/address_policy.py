"""Which addresses of the network may be fetched from: public ones, and those that the settings name."""

from __future__ import annotations

import asyncio
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from newsdex.readers.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""IPv6 addresses whose last four bytes are the IPv4 address that a gateway connects to (RFC 6052, RFC 8215)."""

COMPATIBLE = IPv6Network("::/96")
"""IPv6 addresses whose last four bytes are an IPv4 address, as they were written before RFC 4291."""

SITE_LOCAL = IPv6Network("fec0::/10")
"""Private addresses before RFC 3879, which some networks still have."""


def refusal(address: str, allow: Sequence[str]) -> str | None:
    """Return why an address must not be connected to, `None` where it may be.

    Args:
        address: A numeric IPv4 or IPv6 address.
        allow: Networks that may be connected to although they are not public.
    """
    given = ip_address(address.partition("%")[0])
    meant = list(_meant(given))
    networks = _networks(tuple(allow))
    if any(each in network for each in meant for network in networks):
        return None
    if given not in SITE_LOCAL and all(each.is_global and not each.is_multicast for each in meant):
        return None
    return f"{address} is no public address: name its network in NEWSDEX_FETCH_ALLOW if it is to be fetched from."


async def resolve(host: str, port: int, allow: Sequence[str]) -> list[str]:
    """Return the addresses of a host that may be connected to.

    Raises:
        ReadError: `unknown-host`, or `private-address` where it has none but forbidden ones.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ReadError("unknown-host", f"There is no host {host}: check the spelling, and the network.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    refused = {address: refusal(address, allow) for address in addresses}
    good = [address for address in addresses if refused[address] is None]
    if not good:
        raise ReadError("private-address", f"{host} was not fetched: {next(iter(refused.values()), None)}")
    return good


def check_networks(allow: Sequence[str]) -> None:
    """Raise `ValueError` with one sentence where one of `allow` is no network and no address."""
    _networks(tuple(allow))


def _meant(address: Address) -> Iterator[Address]:
    """Yield an address and the IPv4 addresses that it stands for, where it is an IPv6 address made of one."""
    if isinstance(address, IPv4Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    stands_for = any(address in network for network in NAT64)
    if stands_for or (address in COMPATIBLE and int(address) > 1):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    embedded = [each for each in inner if each is not None]
    if address.ipv4_mapped is None and not stands_for:
        yield address
    yield from embedded


@lru_cache(8)
def _networks(allow: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(each.strip(), strict=False) for each in allow)
