"""`insignia verify`: one credential, any form, to a verdict. No database, and offline if asked, no socket.

Exit status: 0 VALID, 1 INVALID, 2 UNDETERMINED, 3 misuse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from insignia.cli.reading import ACCEPT, is_link, new_fetcher, read_file
from insignia.cli.table import say_report
from insignia.vc.contexts import ContextLoader
from insignia.vc.did import ChainResolver, KeyResolver, SuppliedResolver, WebResolver
from insignia.vc.errors import AddressRefused, VcError
from insignia.vc.limits import parse_object
from insignia.vc.open import FetchedLists, SuppliedLists, judge
from insignia.vc.verify import Policy, Sources, Verdict, unjudged

if TYPE_CHECKING:
    from insignia.foundation.fetch import Fetcher
    from insignia.vc.did import Resolver
    from insignia.vc.model.json import JsonObject
    from insignia.vc.verify import Report

STATUS = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 2}


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without a time zone it is taken as UTC."""

    name = "datetime"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the moment."""
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value} is not a date like 2026-05-14 or 2026-05-14T10:00:00Z.", param, ctx)


class Supplied(click.ParamType[tuple[str, str]]):
    """URL=FILE: a context that the caller trusts. The last "=" before a file that can be read parts them."""

    name = "url=file"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Take both apart."""
        if isinstance(value, tuple):
            return (str(value[0]), str(value[1]))
        url, equals, file = str(value).rpartition("=")
        if not (equals and url and file):
            self.fail(f"{value} is not of the form URL=FILE.", param, ctx)
        return url, file


@click.command()
@click.argument("credential", metavar="FILE|URL|-")
@click.option("--offline", is_flag=True, help="Open no connection; what is not supplied stays undetermined.")
@click.option("--at", type=Moment(), help="Judge as of this moment instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--did-document", "documents", multiple=True, metavar="FILE", help="An issuer's keys. Repeatable.")
@click.option("--status-list", "lists", multiple=True, metavar="FILE", help="A status list. Repeatable.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host that may be inside your network, and speak http. Repeatable.",
)
@click.option("--context", "contexts", multiple=True, type=Supplied(), help="A JSON-LD context. Repeatable.")
def verify(
    *,
    credential: str,
    offline: bool,
    at: datetime | None,
    as_json: bool,
    documents: Sequence[str],
    lists: Sequence[str],
    contexts: Sequence[tuple[str, str]],
    hosts: Sequence[str],
) -> None:
    """Check a credential: JSON, token, PNG or SVG.

    Exit status: 0 valid, 1 invalid, 2 undetermined, 3 misuse.
    """
    if offline and is_link(credential):
        raise click.UsageError("A link cannot be checked offline. Download the file first.")
    at = at or datetime.now(UTC)
    policy = Policy.default()
    fetcher = None if offline else LateFetcher(hosts)
    sources = _sources(documents, lists, contexts, fetcher)
    report = _report(credential, at, sources, policy, fetcher)
    if as_json:
        print(json.dumps(report.to_json(), indent=2))
    else:
        say_report(report, at=at, policy=policy)
    raise SystemExit(STATUS[report.verdict])


class LateFetcher:
    """The command's one fetcher, made when something is first asked from outside."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._made: Fetcher | None = None

    def fetch(self, url: str, accept: str) -> bytes:
        """Fetch through the guarded fetcher, within one budget."""
        self._made = self._made or new_fetcher(self._hosts)
        return self._made.fetch(url, accept)


def _sources(
    documents: Sequence[str],
    lists: Sequence[str],
    contexts: Sequence[tuple[str, str]],
    fetcher: LateFetcher | None,
) -> Sources:
    resolvers: list[Resolver] = [SuppliedResolver([_object(file) for file in documents]), KeyResolver()]
    if fetcher is not None:
        resolvers.append(WebResolver(fetcher.fetch))
    return Sources(
        resolver=ChainResolver(*resolvers),
        status_lists=SuppliedLists(
            [read_file(file) for file in lists],
            otherwise=FetchedLists(fetcher.fetch) if fetcher is not None else None,
        ),
        loader=ContextLoader({url: _object(file) for url, file in contexts}),
    )


def _object(file: str) -> JsonObject:
    try:
        return parse_object(read_file(file))
    except VcError as error:
        raise click.UsageError(f"{file}: {error.message}") from error


def _report(
    credential: str, at: datetime, sources: Sources, policy: Policy, fetcher: LateFetcher | None
) -> Report:
    if fetcher is None or not is_link(credential):
        return judge(read_file(credential), at=at, sources=sources, policy=policy)
    try:
        raw = fetcher.fetch(credential, ACCEPT)
    except AddressRefused as error:
        raise click.UsageError(f"{error.message} If you mean it, name the host: --allow-host.") from error
    except VcError as error:
        return unjudged(error.code, error.message, policy=policy)
    return judge(raw, at=at, sources=sources, policy=policy)
