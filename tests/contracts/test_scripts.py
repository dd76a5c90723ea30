import unicodedata

import pytest

from contracts.match import Script
from contracts.scripts import script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Haneulbit", Script.LATIN),
        ("Ｈａｎｅｕｌ", Script.LATIN),
        ("하늘빛 serum", Script.LATIN),
        ("하늘빛", Script.HANGUL),
        (unicodedata.normalize("NFD", "하늘빛"), Script.HANGUL),
        ("韩露", Script.HAN),
        ("ハヌルビット", Script.KANA),
        ("空の光", Script.KANA),
        ("ฮานึลบิท", Script.THAI),
        ("Ханыль", Script.CYRILLIC),
        ("שמים", Script.OTHER),
        ("1024", Script.LATIN),
    ],
)
def test_script_of(text, script):
    assert script_of(text) is script
