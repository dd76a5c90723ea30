import pytest
from web_poet import HttpResponse

from contracts.listing import PageOutcome
from contracts.market import manifests
from crawlers.reading import read_page
from crawlers.walls import walls

PRODUCT = """<script type="application/ld+json">{"@type":"Product","name":"Haneulbit Cream","offers":{"price":"9","priceCurrency":"EUR"}}</script>"""
WALLS = {
    "Cloudflare challenge": "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
    "Cloudflare refusal": "<div id='cf-error-details'>Error 1020</div>",
    "DataDome": "<script>var dd={'host':'geo.captcha-delivery.com'}</script>",
    "Akamai refusal": "<title>Access Denied</title>You don't have permission to access this. Reference&#32;&#35;18.1",
    "Akamai interstitial": "<iframe id='sec-cpt-if'></iframe>",
    "AWS WAF challenge": "<script>AwsWafIntegration.getToken()</script>",
    "PerimeterX / HUMAN": "<title>Robot or human?</title><div id='px-captcha'></div>",
    "Imperva Incapsula": "<iframe src='/_Incapsula_Resource?x=1'></iframe>",
    "Imperva / Distil": "<title>Pardon Our Interruption</title>",
    "Kasada": "<script src='/149/ips.js?KPSDK'></script><script>window.KPSDK={}</script>",
    "Radware": "<title>Radware Bot Manager Captcha</title>",
    "F5 / Shape": "The requested URL was rejected. Please consult with your administrator.",
    "Sucuri": "<title>Sucuri WebSite Firewall - Access Denied</title>",
    "Alibaba punish": "<script>location='/_____tmd_____/punish?x5secdata=1'</script>",
    "Chinese sign-in wall": "<title>用户登录</title><form id='loginform'></form>",
    "sign-in wall": "<title>Shop - Log in</title><input type='password'>",
    "Amazon robot check": "<form action='/errors/validateCaptcha'></form>",
    "eBay robot check": "<form action='/splashui/captcha_submit'></form>",
    "Shopee refusal": '{"error":90309999,"action_type":2}',
    "consent page": "<title>Bevor Sie fortfahren</title><form action='/zustimmung'></form>",
    "robot check": "<title>Security Check</title>",
    "unrendered shell": "<noscript>You need to enable JavaScript to run this app.</noscript>",
}


def read(body, market="unlisted", status=None, headers=None, url="about:blank"):
    answer = HttpResponse(url, body.encode(), status=status, headers=headers or {})
    return read_page(answer, market=market, manifest=manifests().get(market))


@pytest.mark.parametrize("name", WALLS)
def test_a_wall_is_known_whatever_the_market(name):
    for market in ("unlisted", "shopee", "leboncoin"):
        reading = read(f"<html><body>{WALLS[name]}</body></html>" if "<" in WALLS[name] else WALLS[name], market)

        assert (reading.outcome, reading.reason, reading.listings) == (PageOutcome.BLOCKED, name, ())


def test_every_signature_has_a_wall_here():
    by_status_only = {"refusal"}

    assert {wall.name for wall in walls()} - by_status_only == set(WALLS)


@pytest.mark.parametrize("status", [401, 403, 407, 429])
def test_a_refusal_by_status_is_a_wall(status):
    assert read("<html><body>no</body></html>", status=status).outcome == PageOutcome.BLOCKED


def test_a_busy_shop_is_no_wall():
    assert read("<html><body>We are down for maintenance.</body></html>", status=503).outcome == PageOutcome.UNKNOWN
    assert read("<html><body>Too many requests from a robot.</body></html>", status=503).outcome == PageOutcome.BLOCKED


def test_a_wall_told_by_header():
    reading = read("<html><body>…</body></html>", status=200, headers={"cf-mitigated": "challenge"})

    assert reading.reason == "Cloudflare challenge"


@pytest.mark.parametrize("name", [name for name in WALLS if name != "Shopee refusal"])
def test_a_large_page_that_carries_a_walls_script_is_a_page(name):
    words = WALLS[name].replace("<title>", "<p>").replace("</title>", "</p>")
    page = f"<html><head><title>Haneulbit Cream</title>{PRODUCT}</head><body>{words}{'<p>cream</p>' * 30_000}</body></html>"

    assert read(page).outcome == PageOutcome.OK


@pytest.mark.parametrize("title", ["Peugeot 404, boxed", "Access Denied, a novel", "Captcha the cat, plush"])
def test_words_of_a_wall_in_a_listings_title_do_not_hide_it(title):
    page = f"<html><head><title>{title}</title>{PRODUCT.replace('Haneulbit Cream', title)}</head><body></body></html>"

    assert [listing.title for listing in read(page).listings] == [title]


def test_a_shell_is_not_an_empty_result():
    shell = "<html><head><title>Shop</title></head><body><div id=app></div><script src=/app.js></script></body></html>"

    assert read(shell).reason == "unrendered shell: the page's script did not run"


def test_a_market_says_itself_where_it_sends_the_unwanted():
    reading = read("<html><body>hello</body></html>", "aliexpress", url="https://www.aliexpress.com//punish?x=1")

    assert reading.outcome == PageOutcome.BLOCKED


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_gone(status):
    assert read("<html><body>nothing here</body></html>", status=status).outcome == PageOutcome.REMOVED


@pytest.mark.parametrize("title", ["404", "Page introuvable | Boutique", "页面不存在", "Trang: không tìm thấy trang"])
def test_a_page_that_only_says_so_is_gone_too(title):
    page = f"<html><head><title>{title}</title></head><body>nothing here</body></html>"

    assert (read(page).outcome, read(page).reason) == (PageOutcome.REMOVED, "soft 404")


@pytest.mark.parametrize(
    ("market", "body"),
    [
        ("1688", "<p>您访问的产品不存在</p>"),
        ("etsy", "<p>Sorry, this item is unavailable.</p>"),
        ("leboncoin", "<p>Cette annonce est désactivée</p>"),
        ("lazada", "<p>Sorry! This product is no longer available</p>"),
        ("amazon", "<a href='/ref=cs_404_link'>Home</a>"),
    ],
)
def test_a_market_says_in_its_words_that_a_listing_is_gone(market, body):
    assert read(f"<html><body>{body}</body></html>", market).outcome == PageOutcome.REMOVED
    assert read(f"<html><body>{body}</body></html>", "unlisted").outcome == PageOutcome.UNKNOWN
