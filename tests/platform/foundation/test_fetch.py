"""Following strangers' links, against real servers on this machine."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from insignia.foundation.addresses import address_is_public
from insignia.foundation.fetch import Fetcher, FetchLimits, target_of
from insignia.vc.errors import (
    AddressRefused,
    FetchBudgetSpent,
    FetchRedirects,
    FetchTimeout,
    FetchTooLarge,
    Unreachable,
)
from tests.platform.foundation.fetch_servers import NAME, Server, certificate, serving

QUICK = FetchLimits(connect_seconds=0.5, total_seconds=0.6)
JSON = "application/json"
Make = Callable[..., Fetcher]
INNER = [
    "0.0.0.0",  # noqa: S104  - refused, not bound
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "2600::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "127.1",
    "2130706433",
    "localhost",
]


def here(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Server]:
    with serving(contexts[0]) as running:
        yield running


@pytest.fixture
def make(server: Server, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Make:
    def fetcher(**options: object) -> Fetcher:
        usual = {"allow_hosts": frozenset({server.authority}), "resolve": here, "tls": contexts[1]}
        return Fetcher(**{**usual, "limits": QUICK, **options})  # type: ignore[arg-type]  # a test's shorthand

    return fetcher


class TestFetch:
    def test_gives_the_body(self, server: Server, make: Make) -> None:
        assert make().fetch(server.url("/good"), JSON) == b"good"
        assert make().fetch(server.url("/chunked"), JSON) == b"abcde"

    def test_asks_under_the_name_that_was_meant_and_says_nothing_of_us(self, server: Server, make: Make) -> None:
        make().fetch(server.url("/good?a=é"), "application/did+json")
        request = server.requests[-1]
        assert request.startswith("GET /good?a=%C3%A9 HTTP/1.1\r\n")
        assert f"\r\nHost: {server.authority}\r\n" in request
        assert "\r\nAccept: application/did+json\r\n" in request
        assert "cookie" not in request.lower()
        assert "authorization" not in request.lower()
        assert server.names[-1] == NAME

    def test_asks_the_same_only_once(self, server: Server, make: Make) -> None:
        fetcher = make()
        before = len(server.requests)
        assert fetcher.fetch(server.url("/good"), JSON) == fetcher.fetch(server.url("/good"), JSON)
        assert len(server.requests) == before + 1

    def test_refuses_a_certificate_for_another_name(self, server: Server, make: Make) -> None:
        other = f"other.test:{server.port}"
        with pytest.raises(Unreachable, match="certificate"):
            make(allow_hosts=frozenset({other})).fetch(f"https://{other}/good", JSON)

    def test_refuses_a_certificate_that_nobody_vouches_for(self, server: Server, make: Make) -> None:
        with pytest.raises(Unreachable, match="certificate"):
            make(tls=None).fetch(server.url("/good"), JSON)

    @pytest.mark.parametrize("path", ["/missing", "/noise", "/liar", "/compressed"])
    def test_says_that_it_did_not_answer(self, server: Server, make: Make, path: str) -> None:
        with pytest.raises(Unreachable):
            make().fetch(server.url(path), JSON)

    def test_says_that_nobody_listens(self, make: Make) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            authority = f"{NAME}:{free.getsockname()[1]}"
            with pytest.raises(Unreachable, match="no connection"):
                make(allow_hosts=frozenset({authority})).fetch(f"https://{authority}/", JSON)

    def test_speaks_http_only_with_hosts_of_the_operator(self) -> None:
        with serving(None) as plain:
            allowed = Fetcher(allow_hosts=frozenset({plain.authority}), resolve=here)
            assert allowed.fetch(plain.url("/good", "http"), JSON) == b"good"
            with pytest.raises(AddressRefused):
                Fetcher(resolve=here).fetch(plain.url("/good", "http"), JSON)
            assert len(plain.requests) == 1


class TestFetchLimits:
    @pytest.mark.parametrize("path", ["/drip", "/drip-head", "/silent"])
    def test_cuts_an_answer_that_drips(self, server: Server, make: Make, path: str) -> None:
        started = time.monotonic()
        with pytest.raises(FetchTimeout):
            make().fetch(server.url(path), JSON)
        assert time.monotonic() - started < 1.5

    def test_cuts_a_handshake_that_never_ends(self, make: Make) -> None:
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            authority = f"{NAME}:{mute.getsockname()[1]}"
            started = time.monotonic()
            with pytest.raises(FetchTimeout):
                make(allow_hosts=frozenset({authority})).fetch(f"https://{authority}/", JSON)
            assert time.monotonic() - started < 1.5

    def test_cuts_a_name_that_takes_too_long(self, server: Server, make: Make) -> None:
        def slow(host: str, port: int) -> Sequence[str]:
            time.sleep(2)
            return ("127.0.0.1",)

        with pytest.raises(FetchTimeout, match="resolve"):
            make(resolve=slow).fetch(server.url("/good"), JSON)

    def test_stops_reading_a_huge_body(self, server: Server, make: Make) -> None:
        with pytest.raises(FetchTooLarge):
            make(limits=FetchLimits()).fetch(server.url("/huge"), JSON)

    def test_follows_three_redirects_and_no_more(self, server: Server, make: Make) -> None:
        steps = "/to?/to?/to?/good"
        assert make().fetch(server.url(steps), JSON) == b"good"
        with pytest.raises(FetchRedirects):
            make().fetch(server.url(f"/to?{steps}"), JSON)

    def test_spends_a_budget_of_fetches(self, server: Server, make: Make) -> None:
        fetcher = make()
        for number in range(12):
            fetcher.fetch(server.url(f"/good/{number}"), JSON)
        with pytest.raises(FetchBudgetSpent):
            fetcher.fetch(server.url("/good/13"), JSON)

    def test_spends_a_budget_of_seconds(self, server: Server, make: Make) -> None:
        fetcher = make(limits=replace(QUICK, budget_seconds=0.3))
        started = time.monotonic()
        with pytest.raises(FetchTimeout):
            fetcher.fetch(server.url("/drip"), JSON)
        assert time.monotonic() - started < 0.55
        with pytest.raises(FetchBudgetSpent):
            fetcher.fetch(server.url("/good"), JSON)


class TestFetchAddresses:
    @pytest.mark.parametrize("address", INNER)
    def test_keeps_inner_and_special_addresses_out(self, address: str, server: Server, make: Make) -> None:
        assert not address_is_public(address)
        inward = make(allow_hosts=frozenset(), resolve=lambda _host, _port: ("93.184.216.34", address))
        with pytest.raises(AddressRefused):
            inward.fetch("https://badges.example/", JSON)

    @pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"])
    def test_lets_the_open_network_be(self, address: str) -> None:
        assert address_is_public(address)

    @pytest.mark.parametrize(
        "host",
        ["127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "017700000001", "127.0.0.0x1"],
    )
    def test_knows_addresses_in_disguise(self, host: str) -> None:
        with pytest.raises(AddressRefused):
            Fetcher().fetch(f"https://{host}/", JSON)

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost"])
    def test_refuses_this_machine_by_any_name(self, host: str) -> None:
        with pytest.raises(AddressRefused):
            Fetcher().fetch(f"https://{host}/", JSON)

    @pytest.mark.parametrize(
        "url",
        [
            "http://badges.example/",
            "https://badges.example:8443/",
            "https://badges.example:0/",
            "ftp://badges.example/",
            "file:///etc/passwd",
            "https://user@badges.example/",
            "https://@badges.example/",
            "https://badges.example\\@127.0.0.1/",
            "https://badges.example/\r\nHost: inner",
            "https://exa mple/",
            "https://",
            "https://[::1",
            "https://-a.example/",
            "https://a..\u3002b/",
            "https://" + "a" * 300 + ".example/",
            "https://x:99999/",
            "//badges.example/",
            "badges.example",
            "",
        ],
    )
    def test_refuses_links_that_are_not_plain_https(self, url: str) -> None:
        with pytest.raises(AddressRefused):
            target_of(url)

    def test_writes_names_of_other_scripts_as_machines_do(self) -> None:
        target = target_of("https://Insígnia.example/año#part")
        assert (target.host, target.path) == ("xn--insgnia-9ya.example", "/a%C3%B1o")

    @pytest.mark.parametrize(
        "inner", ["https://inner.test/", "http://169.254.169.254/latest", "https://127.0.0.1/"]
    )
    def test_does_not_follow_a_redirect_inward(self, server: Server, make: Make, inner: str) -> None:
        with pytest.raises(AddressRefused):
            make().fetch(server.url(f"/to?{inner}"), JSON)

    def test_goes_to_the_address_that_was_checked(self, server: Server, make: Make) -> None:
        answers = [("127.0.0.1",), ("192.0.2.1",), ("192.0.2.1",)]
        asked: list[str] = []

        def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return answers[len(asked) - 1]

        # the name exists nowhere but in this resolver, so nobody else can have been asked
        assert make(resolve=rebinding).fetch(server.url("/good"), JSON) == b"good"
        assert asked == [NAME]

    def test_checks_again_when_a_name_moves_inward_between_redirects(self, server: Server, make: Make) -> None:
        asked: list[str] = []

        def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ("127.0.0.1",)

        with pytest.raises(AddressRefused):
            make(resolve=rebinding).fetch(server.url("/to?https://moved.test/"), JSON)
        assert asked == [NAME, "moved.test"]

    def test_says_that_a_name_leads_nowhere(self, make: Make) -> None:
        with pytest.raises(Unreachable, match="nowhere"):
            make(resolve=lambda _host, _port: ()).fetch("https://nobody.example/", JSON)
