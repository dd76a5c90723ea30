import pytest

from crawlers.coverage import coverage
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "title"), [("en", "Log in"), ("ko", "로그인")])
def test_the_log_in_page(client, language, title):
    page = client.get("/accounts/login/", headers={"accept-language": language}).content.decode()
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}">' in page


def test_a_wrong_password_is_said_and_a_right_one_lets_in(client):
    user = MembershipFactory().user
    wrong = client.post("/accounts/login/", {"login": user.username, "password": "wrong"})
    assert 'role="alert"' in wrong.content.decode()
    right = client.post("/accounts/login/", {"login": user.username, "password": "correct horse battery"})
    assert right.url == "/"
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/").url == "/accounts/login/"
    assert client.get("/").url == "/accounts/login/?next=/"


def test_nobody_signs_up(client):
    assert "Nobody signs up here" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"username": "x", "email": "x@x.example", "password1": "p" * 14})
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("address", ["logout/", "password/", "reauthenticate/"])
def test_the_pages_of_one_s_account_wear_our_frame(client, address):
    client.force_login(MembershipFactory().user)
    page = client.get(f"/accounts/{address}").content.decode()
    assert "jikimi/app.css" in page
    assert 'class="card entrance"' in page


def test_what_is_not_there_is_said_in_our_frame(client):
    client.force_login(MembershipFactory().user)
    answer = client.get("/flags/1/")
    assert answer.status_code == 404
    assert "belongs to somebody else" in answer.content.decode()


@pytest.mark.parametrize(("language", "said"), [("en", "read right on a real page"), ("ko", "실제 페이지")])
def test_the_marketplaces_are_shown_with_what_proves_them(client, django_assert_num_queries, language, said):
    client.force_login(MembershipFactory().user)
    with django_assert_num_queries(2):  # session, user
        page = client.get("/markets/", headers={"accept-language": language}).content.decode()
    assert said in page
    assert "eBay" in page
    assert "Harborlane" not in page
    for row in coverage():
        assert page.count(f"{row.name}</th>") == 1, row.market
