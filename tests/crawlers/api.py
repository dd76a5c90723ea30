"""Interfaces of eBay, Etsy and 1688 as far as a crawl needs them, on loopback: they check what they are sent for real."""

import base64
import hashlib
import hmac
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from PIL import Image

EBAY = {"JIKIMI_EBAY_CLIENT_ID": "haneul-app", "JIKIMI_EBAY_CLIENT_SECRET": "s3cret-of-ebay"}
ETSY = {"JIKIMI_ETSY_API_KEY": "keystring:s3cret-of-etsy"}
ALIBABA = {
    "JIKIMI_1688_APP_KEY": "7654321",
    "JIKIMI_1688_APP_SECRET": "s3cret-of-1688",
    "JIKIMI_1688_ACCESS_TOKEN": "t0ken-of-1688",
}
SECRETS = (*EBAY.values(), "s3cret-of-etsy", *list(ALIBABA.values())[1:], "bearer-")
PARAM2 = "/openapi/param2/1/com.alibaba.fenxiao.crossborder/"


def is_picture(encoded):
    return Image.open(io.BytesIO(base64.b64decode(encoded))).size[0] > 0


class Interfaces:
    """Answers as the three do. ``asked`` is every call as (method, path); ``refusals`` why a call was turned away."""

    def __init__(self, items=3):
        self.items = items
        self.asked = []
        self.refusals = []
        self.tokens = 0
        self.token_calls = 10**9  # calls a token is good for
        self.calls_of_token = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.serve(self, b"")

            def do_POST(self):
                outer.serve(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler, body):
        parts = urlsplit(handler.path)
        self.asked.append((handler.command, parts.path))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/identity/"):
            status, data = self.ebay_token(handler.headers, body)
        elif parts.path.startswith("/buy/"):
            status, data = self.ebay(handler.headers, parts.path, query, body)
        elif parts.path.startswith("/v3/"):
            status, data = self.etsy(handler.headers, parts.path, query)
        elif parts.path.startswith(PARAM2):
            status, data = self.alibaba(parts.path, body)
        else:
            status, data = 404, {}
        if status in (400, 401, 403):
            self.refusals.append(data)
        answer = json.dumps(data).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    # eBay

    def ebay_token(self, headers, body):
        basic = base64.b64encode(":".join(EBAY.values()).encode()).decode()
        form = parse_qs(body.decode())
        if headers["Authorization"] != f"Basic {basic}" or form["grant_type"] != ["client_credentials"]:
            return 401, {"error": "invalid_client"}
        self.tokens += 1
        self.calls_of_token = 0
        return 200, {"access_token": f"bearer-{self.tokens}", "expires_in": 7200}

    def ebay(self, headers, path, query, body):
        known = headers["Authorization"] == f"Bearer bearer-{self.tokens}"
        self.calls_of_token += known  # one with the token before, still under way, uses up nothing of the new one
        if not known or self.calls_of_token > self.token_calls:
            return 401, {"errors": [{"errorId": 1001, "message": "Invalid access token"}]}
        if headers["X-EBAY-C-MARKETPLACE-ID"] != "EBAY_US":
            return 400, {"errors": [{"message": "marketplace"}]}
        if path.endswith("get_item_by_legacy_id"):
            return 200, {**self.ebay_item(int(query["legacy_item_id"]) - 200000000000), "description": "As shown."}
        if path.endswith("search_by_image") and not is_picture(json.loads(body)["image"]):
            return 400, {"errors": [{"message": "image"}]}
        if path.endswith("item_summary/search") and not query["q"]:
            return 400, {"errors": [{"message": "q"}]}
        first = int(query["offset"])
        found = [self.ebay_item(n) for n in range(self.items)][first : first + int(query["limit"])]
        return 200, {"total": self.items, "itemSummaries": found}

    def ebay_item(self, n):
        return {
            "itemId": f"v1|{200000000000 + n}|0",
            "legacyItemId": str(200000000000 + n),
            "title": f"Haneulbit serum no. {n}",
            "price": {"value": "4.90", "currency": "USD"},
            "seller": {"username": "byeolbit"},
            "itemWebUrl": f"https://www.ebay.com/itm/{200000000000 + n}",
        }

    # Etsy

    def etsy(self, headers, path, query):
        if headers["x-api-key"] != ETSY["JIKIMI_ETSY_API_KEY"]:
            return 401, {"error": "key"}
        if not path.endswith("/active"):
            return 200, {**self.etsy_item(int(path.rpartition("/")[2]) - 900000000), "description": "As shown."}
        if query.get("includes") != "Images,Shop":
            return 400, {"error": "includes"}
        first = int(query["offset"])
        found = [self.etsy_item(n) for n in range(self.items)][first : first + int(query["limit"])]
        return 200, {"count": self.items, "results": found}

    def etsy_item(self, n):
        return {
            "listing_id": 900000000 + n,
            "title": f"Haneulbit pouch no. {n}",
            "state": "active",
            "price": {"amount": 1250, "divisor": 100, "currency_code": "USD"},
            "shop_id": 77,
            "url": f"https://www.etsy.com/listing/{900000000 + n}/pouch",
        }

    # 1688

    def alibaba(self, path, body):  # noqa: PLR0911 (one answer each)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        given = form.pop("_aop_signature", "")
        signed = path.removeprefix("/openapi/") + "".join(sorted(name + value for name, value in form.items()))
        secret = ALIBABA["JIKIMI_1688_APP_SECRET"].encode()
        if given != hmac.new(secret, signed.encode(), hashlib.sha1).hexdigest().upper():
            return 401, {"error_code": "gw.SignatureInvalid"}
        if form["access_token"] != ALIBABA["JIKIMI_1688_ACCESS_TOKEN"]:
            return 401, {"error_code": "gw.UnAuthorized"}
        method = path.removeprefix(PARAM2).partition("/")[0]
        if method == "product.image.upload":
            good = is_picture(json.loads(form["uploadImageParam"])["imageBase64"])
            return 200, {"result": {"success": True, "result": "5566" if good else "0"}}
        if method == "product.search.queryProductDetail":
            number = json.loads(form["offerDetailParam"])["offerId"] - 600000000000
            return 200, {"result": {"success": True, "result": {**self.offer(number), "description": "如图"}}}
        asked = json.loads(form["offerQueryParam"])
        if method == "product.search.imageQuery" and asked.get("imageId") != "5566":
            return 400, {"error_code": "imageId"}
        if method == "product.search.keywordQuery" and not asked.get("keyword"):
            return 400, {"error_code": "keyword"}
        first = (asked["beginPage"] - 1) * asked["pageSize"]
        found = [self.offer(n) for n in range(self.items)][first : first + asked["pageSize"]]
        return 200, {"result": {"success": True, "result": {"totalRecords": self.items, "data": found}}}

    def offer(self, n):
        return {
            "offerId": 600000000000 + n,
            "subject": f"韩国面膜 {n}",
            "companyName": "星光贸易",
            "priceInfo": {"price": "2.30"},
        }
