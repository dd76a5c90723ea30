"""The programming interfaces of marketplaces: how a request is authorised. Their answers are read by page objects.

A module has one class ``Client``, a subclass of `ApiClient`; the manifest's ``[api]`` table names the module. Addresses
in the spool and the evidence are the manifest's templates filled; keys, tokens and signatures are added when a request
leaves, in headers or in the body, so that no file of ours ever holds them.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response

from contracts.market import Api
from evidence.store import Store

Send = Callable[[Request], Awaitable[Response]]


class NotAuthorised(IgnoreRequest):
    """The interface did not take the operator's keys."""


class ApiClient:
    """Authorises requests to one marketplace.

    Args:
        api: the manifest's table.
        keys: values of the environment variables it names.
        store: where reference pictures lie.
        send: sends a request of the client's own, for tokens and uploads.
        spend: counts a call against the day's quota; raises when none is left.
    """

    def __init__(
        self, api: Api, keys: Mapping[str, str], store: Store, send: Send, spend: Callable[[], object]
    ) -> None:
        self.api = api
        self.keys = keys
        self.store = store
        self.send = send
        self.spend = spend

    async def authorise(self, request: Request, site: str) -> Request:
        """Return ``request`` as it may leave.

        Args:
            request: asks for an address the manifest's templates make.
            site: country of the site it is for.

        Raises:
            NotAuthorised: the keys are refused.
            NoSuchContent: the picture to search by is not in the evidence store.
        """
        raise NotImplementedError

    def refuses(self, request: Request, response: Response) -> bool:
        """Tell whether an answer says that the token has run out, and forget it then; the request is sent once more."""
        del request, response
        return False

    @staticmethod
    def with_headers(request: Request, headers: Mapping[str, str]) -> Headers:
        """Return a request's headers with some of them set anew."""
        found = request.headers.copy()
        found.update(headers)
        return found

    @staticmethod
    def origin(request: Request) -> str:
        """Return scheme, host and port of an address."""
        parts = urlsplit(request.url)
        return f"{parts.scheme}://{parts.netloc}"


def client_of(
    api: Api, environ: Mapping[str, str], *, store: Store, send: Send, spend: Callable[[], object]
) -> ApiClient:
    """Return the client of an interface with the operator's keys."""
    client: type[ApiClient] = importlib.import_module(f"crawlers.apis.{api.module}").Client
    return client(api, {name: environ[name] for name in api.keys}, store, send, spend)
