import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import OutboxMessage
from accounts.outbox import drain
from accounts.states import DeliveryState
from contracts.errors import BadInput
from evidence.addresses import AddressRefused
from jobs import telling
from jobs.models import HealthChange
from jobs.reasons import Problem, Reason
from jobs.services import note_health
from tests.factories import CrawlRunFactory

pytestmark = pytest.mark.django_db


class Receiver:
    """A webhook on loopback that answers what it is told to."""

    def __init__(self):
        self.answers, self.got = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(settings):
    served = Receiver()
    settings.HEALTH_WEBHOOK = f"http://{served.place}/hook?team=ip"
    settings.HEALTH_SECRET = "between us"
    settings.FETCH_ALLOWED_PRIVATE = [served.place]
    yield served
    served.close()


def fall():
    """Let eBay be blocked, and return the change that tells it."""
    CrawlRunFactory(
        state="blocked",
        started_at=timezone.now(),
        problems=[Reason(Problem.BLOCKED_PAGES, {"count": 3}).to_json()],
    )
    (change,) = note_health()
    return change


def test_a_change_is_posted_signed_and_once(receiver):
    change = fall()
    drain()
    telling.post(HealthChange.objects.get())

    ((path, headers, body),) = receiver.got
    assert path == "/hook?team=ip"
    assert headers["Jikimi-Signature"] == telling.signature("between us", headers["Jikimi-Timestamp"], body)
    assert headers["Jikimi-Delivery"] == str(change.pk)
    told = json.loads(body)
    assert (told["market"], told["before"], told["after"]) == ("ebay", None, "blocked")
    assert told["reasons"][1]["words"] == {"en": "3 pages were blocked", "ko": "차단된 페이지 3개"}
    assert HealthChange.objects.get().posted_at is not None


def test_the_signature_is_of_this_body_this_moment_and_this_secret():
    whole = telling.signature("s", "1", b"body")
    assert whole.startswith("sha256=")
    assert len({whole, telling.signature("t", "1", b"body"), telling.signature("s", "2", b"body")}) == 3
    assert telling.signature("s", "1", b"bodz") != whole


@pytest.mark.parametrize("status", [500, 302])
def test_a_webhook_that_does_not_take_it_is_asked_again_and_the_mail_goes_once(receiver, settings, status):
    settings.HEALTH_MAIL_TO = ["crawl@haneul.example"]
    receiver.answers = [status]
    fall()
    assert drain().retried == 1
    assert HealthChange.objects.get().posted_at is None
    OutboxMessage.objects.update(available_at=timezone.now())
    assert drain().delivered == 1
    assert len(receiver.got) == 2  # a redirect was not followed
    assert len(mail.outbox) == 1
    assert OutboxMessage.objects.get().state == DeliveryState.DELIVERED


def test_the_mail_is_in_the_installation_s_language(settings):
    settings.HEALTH_MAIL_TO = ["crawl@haneul.example"]
    settings.LANGUAGE_CODE = "ko"
    telling.mail(fall())
    (message,) = mail.outbox
    assert message.subject == "[jikimi] eBay: 차단됨 (이전: 아직 모름)"
    assert "- 차단된 페이지 3개" in message.body
    assert message.to == ["crawl@haneul.example"]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "http://169.254.169.254/", "http://localhost/hook", "ftp://hook.example/"]
)
def test_a_webhook_on_a_private_network_is_refused_unless_it_is_allowed(settings, address):
    settings.HEALTH_WEBHOOK, settings.HEALTH_SECRET, settings.FETCH_ALLOWED_PRIVATE = address, "s", []
    with pytest.raises(AddressRefused):
        telling.post(fall())


def test_a_webhook_without_a_secret_says_so(receiver, settings):
    settings.HEALTH_SECRET = ""
    with pytest.raises(BadInput, match="JIKIMI_HEALTH_SECRET"):
        telling.post(fall())
    assert receiver.got == []


def test_a_webhook_that_is_down_is_named(receiver):
    receiver.close()
    with pytest.raises(telling.WebhookFailed, match="webhook at "):
        telling.post(fall())


def test_nothing_is_told_where_nobody_asked(settings):
    settings.HEALTH_WEBHOOK, settings.HEALTH_MAIL_TO = "", []
    fall()
    assert drain().delivered == 1
    assert mail.outbox == []
