"""Where a stranger's link may lead: our own table of addresses, since the standard library's lets too much pass.

`ipaddress.is_global` says yes to NAT64, 6to4, `::127.0.0.1`, `fec0::` and multicast, behind each of which a
machine of ours may answer. So IPv6 is refused outside the one block in which the world has its addresses, and
everything special is refused within it too.
"""

from __future__ import annotations

import ipaddress

_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's NAT, metadata of one cloud
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the platform address of one cloud
        "169.254.0.0/16",  # link-local, metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_WORLD_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def address_is_public(address: str) -> bool:
    """Say whether this numeric address lies in the open network; anything unreadable does not."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in block for block in _REFUSED_V4)
    if parsed.scope_id is not None:
        return False
    return parsed in _WORLD_V6 and not any(parsed in block for block in _REFUSED_V6)
