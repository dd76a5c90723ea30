"""1688's cross-border API: param2 addresses, calls signed with HMAC-SHA1, a picture uploaded before it is searched by.

Source: https://open.1688.com/api/apidocdetail.htm?id=com.alibaba.fenxiao.crossborder:product.search.imageQuery-1 and
published clients (not tried on the real gateway; see the manifest's source).

The manifest's addresses name the method and what is asked, as in ``.../product.search.keywordQuery?keyword=...``; the
call itself is a POST whose form holds that, the access token and the signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy import Request

from crawlers.apis import ApiClient, NotAuthorised
from evidence.pictures import decode

LARGEST_PICTURE = 100_000  # bytes of Base64
_SIDES = (800, 640, 480, 320, 240)  # pixels
# Each method has one parameter, a JSON object.
_PARAMETER = {
    "product.search.keywordQuery": "offerQueryParam",
    "product.search.imageQuery": "offerQueryParam",
    "product.search.querySellerOfferList": "offerQueryParam",
    "product.search.queryProductDetail": "offerDetailParam",
    "product.image.upload": "uploadImageParam",
}
_NUMBERS = frozenset({"beginPage", "pageSize", "offerId"})


class Client(ApiClient):
    """Signs calls; a picture is uploaded once per crawl."""

    async def authorise(self, request: Request, site: str) -> Request:
        """Turn the address into a signed call; raises as `ApiClient.authorise`."""
        del site  # one site
        parts = urlsplit(request.url)
        asked: dict[str, object] = {
            name: int(value) if name in _NUMBERS and value.isdigit() else value
            for name, value in parse_qsl(parts.query)
        }
        if parts.fragment:
            asked["imageId"] = await self._uploaded(request, parts.fragment)
        return self._call(request, parts.path, {"country": "en", **asked})

    def _call(self, request: Request, path: str, asked: Mapping[str, object]) -> Request:
        app_key, secret, access_token = (self.keys[key] for key in self.api.keys)
        signed_path = f"{path.partition('/openapi/')[2]}/{app_key}"
        parameter = _PARAMETER[path.rpartition("/")[2]]
        form = {
            parameter: json.dumps(asked, ensure_ascii=False, separators=(",", ":")),
            "access_token": access_token,
        }
        form["_aop_signature"] = sign(signed_path, form, secret)
        return request.replace(
            url=f"{self.origin(request)}/openapi/{signed_path}",
            method="POST",
            headers=self.with_headers(request, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}),
            body=urlencode(form),
        )

    async def _uploaded(self, request: Request, sha256: str) -> str:
        known: dict[str, str] = self.__dict__.setdefault("_pictures", {})
        if sha256 not in known:
            path = urlsplit(request.url).path.rpartition("/")[0] + "/product.image.upload"
            picture = shrunk(self.store.get(sha256))
            self.spend()
            answer = await self.send(self._call(Request(self.origin(request)), path, {"imageBase64": picture}))
            known[sha256] = _picture_id(answer.body)
            if not known[sha256]:
                raise NotAuthorised(f"1688 did not take the picture to search by: HTTP {answer.status}")
        return known[sha256]


def _picture_id(body: bytes) -> str:
    """Return the id an upload answers with, "" for none; it stands in one envelope or two, and "0" is a refusal."""
    try:
        found = json.loads(body)
        while isinstance(found, dict):
            found = found.get("result")
    except ValueError:
        return ""
    return "" if found in (None, 0, "0") else str(found)


def sign(path: str, form: Mapping[str, str], secret: str) -> str:
    """Return ``_aop_signature``: HMAC-SHA1 over path and sorted parameters, in upper-case hexadecimal."""
    text = path + "".join(sorted(name + value for name, value in form.items()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest().upper()


def shrunk(data: bytes) -> str:
    """Return a picture in Base64, small enough to be uploaded."""
    picture = decode(data)
    for side in _SIDES:
        picture.thumbnail((side, side))
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=85)
        encoded = base64.b64encode(file.getvalue()).decode("ascii")
        if len(encoded) <= LARGEST_PICTURE:
            break
    return encoded
