"""Etsy Open API v3: the operator's key in a header.

Source: https://developer.etsy.com/documentation/essentials/authentication (not re-read; see the manifest's source).
"""

from __future__ import annotations

from scrapy import Request

from crawlers.apis import ApiClient


class Client(ApiClient):
    """Adds ``x-api-key``: the keystring, or ``keystring:shared secret`` where Etsy asks for both."""

    async def authorise(self, request: Request, site: str) -> Request:
        """Add the key."""
        del site  # one site for all countries
        (name,) = self.api.keys
        headers = {"x-api-key": self.keys[name], "Accept": "application/json"}
        return request.replace(headers=self.with_headers(request, headers))
