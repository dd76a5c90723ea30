import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contracts.verdict import VerdictKind
from triage.models import Flag, Verdict
from triage.states import FlagState, VerdictState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page, name):
    """Keep a screenshot where a person asked for one."""
    folder = os.environ.get("JIKIMI_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")


def test_a_monitor_decides_by_key_the_next_loads_and_undo_brings_it_back(logged_in):
    page = logged_in
    look(page, "queue")
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    first = page.locator("h1").inner_text()
    look(page, "flag")
    assert "1:1 mirror quality" in first
    assert page.locator("h1 mark").all_inner_texts() == ["Haneulbit", "1:1 mirror quality"]
    assert page.locator("#pair .frame").count() == 2

    page.keyboard.press("1")
    expect(page.locator("h1")).not_to_have_text(first)

    verdict = Verdict.objects.get()
    assert (verdict.kind, verdict.by.username) == (VerdictKind.COUNTERFEIT, "jiwoo")
    expect(page.locator("#live")).to_contain_text("Decided: Counterfeit.")
    assert "Next flag for Haneulbit" in page.locator("#live").text_content()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    look(page, "flag-next")

    page.keyboard.press("u")
    expect(page.locator("h1")).to_have_text(first)
    verdict.refresh_from_db()
    assert verdict.state == VerdictState.UNDONE
    assert verdict.flag.state == FlagState.LEASED


def test_every_verdict_key_gives_its_verdict(logged_in):
    page = logged_in
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    for number in range(4, 9):
        before = page.url
        page.keyboard.press(f"Digit{number}")
        expect(page).not_to_have_url(before)
    kinds = list(Verdict.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["authorised", "resale", "image_reuse", "not_our_mark", "unsure"]
    page.locator(".message", has_text="Nothing is left for you here").wait_for()


def test_keys_rest_in_fields_while_composing_and_when_switched_off(logged_in):
    page = logged_in
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    page.get_by_text("Reason and note").click()
    page.get_by_label("Note").fill("")
    page.get_by_label("Note").press("1")
    assert page.get_by_label("Note").input_value() == "1"
    page.locator("h1").evaluate("h1 => { h1.tabIndex = -1; h1.focus(); }")
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent("
        "'keydown', {code: 'Digit1', key: 'ㅂ', isComposing: true, bubbles: true}))"
    )
    page.keyboard.press("Shift+Slash")
    page.get_by_role("heading", name="Keys").wait_for()
    look(page, "help")
    page.keyboard.press("1")  # not through the open help
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    assert not Verdict.objects.exists()


def test_the_keys_lie_where_they_lie_on_a_korean_layout(logged_in):
    page = logged_in
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    before = page.url
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyS', key: 'ㄴ', bubbles: true}))")
    expect(page).not_to_have_url(before)
    assert Flag.objects.filter(state=FlagState.LEASED).get().probability == 0.91


def test_the_pairs_of_pictures_turn_by_key_without_leaving_the_flag(logged_in):
    page = logged_in
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    page.get_by_text("1 / 2").wait_for()
    page.keyboard.press("j")
    page.get_by_text("2 / 2").wait_for()
    assert page.locator("#pair .frame").count() == 0
    page.keyboard.press("k")
    page.get_by_text("1 / 2").wait_for()
    loaded = page.locator("#pair image").evaluate_all(
        "images => Promise.all(images.map(i => fetch(i.href.baseVal).then(r => r.status)))"
    )
    assert loaded == [200, 200]


def test_the_interface_speaks_korean(logged_in):
    page = logged_in
    page.get_by_role("button", name="한국어").click()
    page.get_by_role("heading", name="대기열").wait_for()
    assert page.locator("html").get_attribute("lang") == "ko"
    look(page, "queue-ko")
    page.keyboard.press("r")
    page.wait_for_url("**/flags/*/")
    look(page, "flag-ko")
    assert "브랜드 공식 사진" in page.locator(".sentence").inner_text()
    page.get_by_role("button", name="위조품", exact=False).first.wait_for()


def test_everything_works_without_javascript(chromium, live_server, seeded):
    context = chromium.new_context(base_url=live_server.url, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("User name").fill("jiwoo")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Start reviewing").click()
    first = page.locator("h1").inner_text()
    page.get_by_role("button", name="Genuine").click()
    assert page.locator("h1").inner_text() != first
    page.get_by_role("button", name="Undo").click()
    assert page.locator("h1").inner_text() == first
    assert Verdict.objects.get().state == VerdictState.UNDONE
    context.close()
