"""eBay Browse API: OAuth2 client credentials, keyword search, search by image, one item.

Source: https://developer.ebay.com/api-docs/buy/browse/overview.html and
https://developer.ebay.com/api-docs/static/oauth-client-credentials-grant.html (not re-read; see the manifest's source).
"""

from __future__ import annotations

import asyncio
import base64
import json
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.apis import ApiClient, NotAuthorised

TOKEN_PATH = "/identity/v1/oauth2/token"  # noqa: S105 (an address)
SCOPE = "https://api.ebay.com/oauth/api_scope"
BY_IMAGE = "/item_summary/search_by_image"
UNAUTHORISED = 401


class Client(ApiClient):
    """Adds the application token; a search by image carries the picture as Base64."""

    _token = ""
    _refusal = ""

    async def authorise(self, request: Request, site: str) -> Request:
        """Add token and marketplace; raises as `ApiClient.authorise`."""
        headers = {
            "Authorization": f"Bearer {await self._application_token(self.origin(request))}",
            "X-EBAY-C-MARKETPLACE-ID": f"EBAY_{site}",
            "Accept": "application/json",
        }
        parts = urlsplit(request.url)
        if not parts.path.endswith(BY_IMAGE):
            return request.replace(headers=self.with_headers(request, headers))
        picture = base64.b64encode(self.store.get(parts.fragment)).decode("ascii")
        return request.replace(
            method="POST",
            headers=self.with_headers(request, {**headers, "Content-Type": "application/json"}),
            body=json.dumps({"image": picture}),
        )

    def refuses(self, request: Request, response: Response) -> bool:
        """Tell whether the token has run out; another request may have renewed it by now."""
        if response.status != UNAUTHORISED:
            return False
        if request.headers.get("Authorization") == f"Bearer {self._token}".encode():
            self._token = ""
        return True

    async def _application_token(self, origin: str) -> str:
        lock = self.__dict__.setdefault("_lock", asyncio.Lock())
        async with lock:
            if self._refusal:
                raise NotAuthorised(self._refusal)
            if not self._token:
                self._token = await self._fetch_token(origin)
            return self._token

    async def _fetch_token(self, origin: str) -> str:
        name, secret = (self.keys[key] for key in self.api.keys)
        basic = base64.b64encode(f"{name}:{secret}".encode()).decode("ascii")
        answer = await self.send(
            Request(
                origin + TOKEN_PATH,
                method="POST",
                headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode({"grant_type": "client_credentials", "scope": SCOPE}),
            )
        )
        try:
            token = json.loads(answer.body)["access_token"]
        except (ValueError, KeyError, TypeError):
            self._refusal = f"eBay gave no token for these keys: HTTP {answer.status}"
            raise NotAuthorised(self._refusal) from None
        return str(token)
