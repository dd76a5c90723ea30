"""Invented marks in invented shop titles of seven languages, made from a seed, written in every way people write them.

Nothing here exists. The same seed makes the same titles; another seed makes other names, other words and other slips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import attrs

from contracts.match import Mark, Spelling
from contracts.scripts import script_of
from matchers.proposals import cyrillic, kana, propose, thai
from matchers.variants import draw, ways

EXACT = "as registered"
TWO_SLIPS = "two slips"
SHORT_SHARE = 0.25  # of the names in own scripts have two syllables
TRIES = 20  # for each name
OTHER_NAME_SHARE = 0.4  # of the titles without a mark name something else that looks like a name


@attrs.frozen
class Language:
    """What names and titles of a language are made of."""

    syllables: tuple[str, ...]
    words: tuple[str, ...]
    spaced: bool = True  # words stand apart in a title
    join: str = ""  # between the syllables of a name


@attrs.frozen
class Title:
    """A title and the mark meant in it ("" for none); ``way`` is how the mark is written."""

    title_id: str
    text: str
    mark_id: str
    language: str
    way: str


_SYLLABLES = {
    "en": """
    han neul bit sol dam gyeol nu ri bom sae byeol dal mo ra yun seol ga ram mi so hae na ru chae yul rin som
    kkot vel tor cas bra zen quil mer lu fjo dra pex nov kai tis gor wen jas ibo
    """,
    "ko": """
    하 늘 빛 솔 담 결 온 누 리 봄 새 별 달 모 라 윤 설 은 가 람 단 미 소 해 나 루 채 율 린 솜 들 샘 음 여 울
    초 롱 한 이 도 란 바 터 자 예 곰 찬 돌 뜰 쑥 깨 꼬 또 싹 순 맛 골 벽 콩 톡 풀
    """,
    "zh": """
    晗 露 碧 绮 铃 梦 兜 莉 努 瑞 博 缤 甦 温 苏 林 沫 莱 淡 赛 澳 冬 松 澜 梵 朵 娅 薇 姿 颜 若 诗 岚 曦 彤
    玥 芮 菲 妮 泉 恩 洛 柯 谷 禾 茵 琪 雅 蔓 达 雪 琳
    """,
    "ja": """
    ハ ヌ ル ビ ト ソ ラ ミ カ リ ナ モ ノ サ エ ヴィ ター レ ショ チェ ティ ファ ニュ ロー セッ キ ヨ ゼ ド
    マ ユ ウ ポ
    """,
    "th": """
    ฮา นึล บิท โซ รา มี่ ดาล มอย แซ บยอก ซอม คยอล โท คิ ริง ซู มุน พา รัง ล่า ชา นุ วี่ เลน โร้ ดี ย่า แพ็ต ไท
    """,
    "vi": """
    Hà Nữ Bích Đan Mỹ Lợi Thảo Sương Đông Vân Quế An Nhiên Tú Lụa Ngọc Đài Phúc Hồng Ý Mộc Trà Gió Sữa Đậu
    Rừng Biển
    """,
}
_WORDS = {
    "en": """
    cream serum bag case headphones cable shirt toner pack black white new 30ml usb leather mini set kit power
    adapter light women men cotton phone cover wireless kids toy watch shoes large
    """,
    "ko": """
    세럼 크림 가방 케이스 이어폰 토너 블랙 화이트 신상 여성 남성 면 티셔츠 무료배송 대용량 보습 수분 선물 세트
    휴대폰 인형 운동화 정품 특가 국내 당일발송 미니 가죽 시계 캐릭터 쿠션 마스크팩 할인 30ml 100g 사은품
    """,
    "zh": """
    精华 面霜 包包 手机壳 耳机 爽肤水 黑色 白色 新款 女士 男士 纯棉 t恤 包邮 大容量 保湿 补水 礼物 套装 玩具
    运动鞋 正品 特价 韩国 现货 迷你 真皮 手表 气垫 面膜 学生 代购 100ml 送礼 高级
    """,
    "ja": """
    美容液 クリーム バッグ ケース イヤホン 化粧水 ブラック ホワイト 新品 レディース メンズ 綿 Tシャツ 送料無料
    大容量 保湿 ギフト セット おもちゃ スニーカー 正規品 セール 韓国 ミニ 本革 時計 クッション マスク 学生
    日本製 100ml 人気
    """,
    "th": """
    เซรั่ม ครีม กระเป๋า เคส หูฟัง โทนเนอร์ สีดำ สีขาว ใหม่ ผู้หญิง ผู้ชาย ผ้าฝ้าย เสื้อยืด ส่งฟรี ขนาดใหญ่
    ชุ่มชื้น ของขวัญ เซ็ต ของเล่น รองเท้า ของแท้ ลดราคา เกาหลี พร้อมส่ง มินิ หนังแท้ นาฬิกา คุชชั่น มาส์ก
    นักเรียน
    """,
    "vi": """
    tinh chất kem dưỡng túi xách ốp lưng tai nghe nước hoa hồng màu đen trắng mới nữ nam cotton áo thun miễn
    phí vận chuyển dung tích lớn giữ ẩm quà tặng bộ đồ chơi giày chính hãng giảm giá hàn quốc có sẵn mini da
    thật đồng hồ mặt nạ
    """,
    "id": """
    serum krim tas casing earphone toner hitam putih baru wanita pria katun kaos gratis ongkir ukuran besar
    pelembab hadiah set mainan sepatu asli diskon korea siap kirim mini kulit jam tangan bantal masker
    original murah
    """,
}
_UNSPACED = frozenset({"zh", "ja", "th"})
LANGUAGES = {
    code: Language(
        syllables=tuple(_SYLLABLES.get(code, _SYLLABLES["en"]).split()),
        words=tuple(words.split()),
        spaced=code not in _UNSPACED,
        join=" " if code == "vi" else "",
    )
    for code, words in _WORDS.items()
}


def made(seed: int, *, languages: Sequence[str] = tuple(LANGUAGES), marks: int = 60) -> tuple[list[Mark], list[Title]]:
    """Return ``marks`` marks of each language, and titles: each mark once in every way, and as many without one."""
    chance = Random(f"titles {seed}")  # noqa: S311 (not for secrets)
    found: list[Mark] = []
    titles: list[Title] = []
    for code in languages:
        language = LANGUAGES[code]
        names = _names(language, 2 * marks, chance)
        ours, others = names[:marks], names[marks:]
        made_here = [
            Title("", _title(language, form, chance), f"{code}-{number}", code, way)
            for number, name in enumerate(ours)
            for way, form in in_every_way(name, chance)
        ]
        for _ in range(len(made_here)):
            name = chance.choice(others) if chance.random() < OTHER_NAME_SHARE else ""
            made_here.append(Title("", _title(language, name, chance), "", code, "none"))
        found += [
            Mark(mark_id=f"{code}-{number}", spellings=(Spelling(text=name, script=script_of(name)),))
            for number, name in enumerate(ours)
        ]
        titles += [attrs.evolve(title, title_id=f"{code}-t{number}") for number, title in enumerate(made_here)]
    return found, titles


def abroad(seed: int, *, marks: int = 60) -> tuple[list[Mark], list[Title]]:
    """Return marks registered in Latin alone, and titles that spell them by ear in kana, Thai and Cyrillic."""
    chance = Random(f"abroad {seed}")  # noqa: S311 (not for secrets)
    found: list[Mark] = []
    titles: list[Title] = []
    for number, name in enumerate(_names(LANGUAGES["ko"], marks, chance)):
        mark_id = f"abroad-{number}"
        found.append(Mark(mark_id=mark_id, spellings=(propose(name)[0],)))
        for code, spell in (("ja", kana), ("th", thai), ("ru", cyrillic)):
            language = LANGUAGES.get(code, LANGUAGES["en"])
            for meant, written, way in ((mark_id, spell(name), "by ear"), ("", "", "none")):
                title_id = f"abroad-{code}-{number}-{way}"
                titles.append(Title(title_id, _title(language, written, chance), meant, code, way))
    return found, titles


def _names(language: Language, count: int, chance: Random) -> list[str]:
    """Return different names; as far as syllables go round, no two have more than half of theirs in common."""
    names: list[tuple[str, ...]] = []
    for tries in range(TRIES * count):
        short = chance.random() < SHORT_SHARE
        parts = tuple(chance.sample(language.syllables, 2 if short else chance.choice([3, 3, 4])))
        unlike = all(2 * len({*parts} & {*other}) <= max(len(parts), len(other)) for other in names)
        if unlike or (tries >= TRIES * count // 2 and parts not in names):
            names.append(parts)
        if len(names) == count:
            break
    joined = [language.join.join(parts) for parts in names]
    return [name.capitalize() if name.isascii() else name for name in joined]


def in_every_way(name: str, chance: Random) -> Iterator[tuple[str, str]]:
    """Yield (way, form) for a name as registered, in every way it is written otherwise, and with two slips."""
    yield EXACT, name
    for way in ways(name):
        form = draw(name, way, chance)
        if form is not None:
            yield way, form
    first = (
        draw(name, chance.choice(["neighbouring key", "letter dropped", "letters turned"]), chance)
        if name.isascii()
        else None
    )
    second = draw(first, chance.choice(["letter doubled", "heard alike", "letter dropped"]), chance) if first else None
    if second:
        yield TWO_SLIPS, second


def _title(language: Language, name: str, chance: Random) -> str:
    words = chance.sample(language.words, chance.randint(4, 9))
    if name:
        words.insert(chance.randrange(len(words) + 1), name)
    if language.spaced:
        return " ".join(words)
    # Titles without spaces between words have some all the same.
    return "".join(word + (" " if chance.random() < 0.4 else "") for word in words).strip()  # noqa: PLR2004 (two of five)
