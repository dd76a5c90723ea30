import re

import pytest
from django.utils import translation

from scripts.messages import read_catalogue, rooms, untranslated

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_every_text_has_its_korean(room):
    assert untranslated(room) == []


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_every_placeholder_survived_the_translation(room):
    for message in read_catalogue(room):
        wanted = set(PLACEHOLDER.findall(str(message.id)))
        assert set(PLACEHOLDER.findall(str(message.string))) == wanted, message.id


def test_the_rooms_with_pages_keep_a_catalogue():
    assert {"accounts", "jikimi", "triage"} <= {room.name for room in rooms()}


def test_the_compiled_catalogues_are_used():
    with translation.override("ko"):
        assert translation.gettext("Start reviewing") == "검토 시작"
        assert translation.gettext("Log out") == "로그아웃"


def test_a_text_without_korean_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.messages.ROOT", tmp_path)
    room = tmp_path / "room"
    (room / "templates").mkdir(parents=True)
    (room / "templates" / "a.html").write_text(
        "{% load i18n %}\n  <p>{% translate 'Left alone' %}</p>\n"
        "    {% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}\n"
    )
    (room / "views.py").write_text("from django.utils.translation import gettext as _\n_('In code')\n")
    catalogue = room / "locale" / "ko" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "In code"\nmsgstr "코드"\n'
    )
    assert untranslated(room) == ["Left alone", "%(n)s day"]
