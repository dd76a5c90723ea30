"""The sentences a person reads beside each signal, in English and Korean. They name the words and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from contracts.goods import Goods
from contracts.match import Ground, Relisted, Sentence
from matchers.goods import ClassView
from matchers.price import PriceView
from matchers.seller import Age, Standing
from matchers.spellings import Kind
from matchers.text import TextMatch

PLACES = {
    "title": ("title", "제목"),
    "brand": ("brand field", "브랜드란"),
    "description": ("description", "설명"),
    "condition": ("condition", "상태 표시"),
    "picture": ("picture", "사진"),
}
HOW = {
    Kind.EXACT: ("as registered", "등록된 그대로"),
    Kind.SPLIT: ("with its letters pulled apart or run together", "글자를 띄우거나 붙여서"),
    Kind.LOOKALIKE: ("with look-alike letters or digits", "비슷하게 생긴 글자나 숫자로"),
    Kind.TYPO: ("misspelt", "철자를 바꾸어"),
    Kind.GLUED: ("inside a longer word", "긴 단어 안에 넣어"),
    Kind.TRANSLITERATED: ("by its sound in another script", "다른 문자로 소리 나는 대로"),
    Kind.MASKED: ("with letters hidden", "글자 일부를 가려"),
}
GROUNDS = {
    Ground.COUNTERFEIT: ("Looks like a counterfeit", "위조품으로 의심됩니다"),
    Ground.TRADEMARK_MISUSE: ("Looks like misuse of the mark", "상표 부정 사용으로 의심됩니다"),
    Ground.COPYRIGHT_IMAGE: ("The brand's picture seems re-used", "브랜드의 사진을 무단으로 쓴 것으로 보입니다"),
    Ground.LOOKALIKE: ("Looks like a look-alike", "유사 상품으로 보입니다"),
    Ground.GREY_MARKET: ("Looks like goods outside the brand's channel", "정식 유통 경로 밖의 상품으로 보입니다"),
    Ground.NONE: ("Names the brand", "브랜드가 언급되었습니다"),
}


def quoted(words: Sequence[str]) -> str:
    """Return up to four phrases in quotation marks."""
    return ", ".join(f"“{word}”" for word in list(dict.fromkeys(words))[:4])


def percent(share: float) -> str:
    """Word how sure something is: ``93 %``. What is neither certain nor excluded is never shown as 100 or 0 %."""
    return f"{min(max(round(100 * share), 1 if share > 0 else 0), 99 if share < 1 else 100)} %"


def about(amount: Decimal) -> str:
    """Word an amount that was converted, without false precision: its three first digits, 1,060,000."""
    exact = Decimal(1).scaleb(max(-2, amount.adjusted() - 2))
    return f"{amount.quantize(exact):,f}"


def mark(match: TextMatch, where: str) -> Sentence:
    """The mark stands in the listing."""
    place, how = PLACES[where], HOW[match.kind]
    return Sentence(
        en=f"The mark “{match.spelling}” stands in the {place[0]} {how[0]}: “{match.words}”.",
        ko=f"{place[1]}에 상표 “{match.spelling}”이(가) {how[1]} 쓰였습니다: “{match.words}”.",
    )


def disguise(match: TextMatch) -> Sentence:
    """The mark is written so that a search would miss it."""
    how = HOW[match.kind]
    return Sentence(
        en=f"“{match.words}” writes “{match.spelling}” {how[0]}, so that a search for the mark misses it.",
        ko=f"“{match.words}”은(는) “{match.spelling}”을(를) {how[1]} 적어 상표 검색을 피합니다.",
    )


WORDING = {
    "wording_copy": ("Words that admit a copy: {}.", "복제품임을 드러내는 표현: {}."),
    "wording_concealment": ("Words that say the mark is hidden: {}.", "상표를 숨겼다는 표현: {}."),
    "wording_lookalike": ("Words for a look-alike: {}.", "유사 상품이라는 표현: {}."),
    "wording_grey": ("Words for goods outside the brand's channel: {}.", "비공식 유통을 뜻하는 표현: {}."),
    "wording_repack": ("Words for opened or refilled goods: {}.", "소분·개봉 상품을 뜻하는 표현: {}."),
    "wording_discreet": ("Words of sales that leave no trail: {}.", "거래 흔적을 남기지 않으려는 표현: {}."),
    "nominative": ("Offered as made for the brand's goods, not as the brand's: {}.",
                   "브랜드 상품이 아니라 그에 쓰는 물건으로 내놓았습니다: {}."),
    "second_hand": ("Offered as second-hand: {}.", "중고품으로 내놓았습니다: {}."),
    "denial": ("Speaks against copies: {}. Everyone writes that, so it counts little.",
               "가품이 아니라고 적었습니다: {}. 누구나 쓰는 말이라 거의 반영하지 않습니다."),
}  # fmt: skip


def wording(name: str, words: Sequence[str]) -> Sentence:
    """Words of one sense were found."""
    en, ko = WORDING[name]
    return Sentence(en=en.format(quoted(words)), ko=ko.format(quoted(words)))


def price(view: PriceView) -> Sentence:
    """The price beside the genuine one."""
    share = round(100 * view.ratio)
    pack = (f" for {view.pack} pieces", f" ({view.pack}개 기준)") if view.pack > 1 else ("", "")
    doubt = ("", "") if view.sure else (" (the cheapest registered product)", " (등록 상품 중 최저가)")
    paid, genuine = f"{view.paid:,} {view.currency}", f"{about(view.genuine)} {view.currency}"
    return Sentence(
        en=f"The price {paid} is {share} % of about {genuine}, what {view.product.name} costs{pack[0]}{doubt[0]}.",
        ko=f"가격 {paid}은(는) {view.product.name} 정가 약 {genuine}{pack[1]}의 {share} %입니다{doubt[1]}.",
    )


def brand_dropped() -> Sentence:
    """The brand's picture without its name."""
    return Sentence(
        en="Shows the brand's picture, but the words never name the brand.",
        ko="브랜드의 사진이나 로고를 쓰면서 글에는 브랜드 이름을 적지 않았습니다.",
    )


def text_in_image(match: TextMatch, *, only: bool) -> Sentence:
    """The mark was read in a picture."""
    nowhere = (" The words of the listing avoid it.", " 글에는 상표를 적지 않았습니다.") if only else ("", "")
    return Sentence(
        en=f"The mark “{match.spelling}” is written in a picture: “{match.words}”.{nowhere[0]}",
        ko=f"사진 안에 상표 “{match.spelling}”이(가) 적혀 있습니다: “{match.words}”.{nowhere[1]}",
    )


def photo_mirrored() -> Sentence:
    """The registered photo with left and right swapped."""
    return Sentence(
        en="The registered photo is mirrored, which serves no buyer and hides it from a search by picture.",
        ko="등록 사진의 좌우를 뒤집었습니다. 구매자에게는 쓸모가 없고 사진 검색을 피하는 방법입니다.",
    )


def concealment(parts: int) -> Sentence:
    """Parts of the registered picture are hidden."""
    which = "One part of the registered picture is" if parts == 1 else f"{parts} parts of the registered picture are"
    return Sentence(
        en=f"{which} blurred, masked or covered.",
        ko=f"등록된 사진에서 {parts}곳을 흐리게 하거나 가렸습니다.",
    )


def altered_goods(kind: str) -> Sentence:
    """The brand's artwork on goods it does not make."""
    return Sentence(
        en=f"The brand's {kind} stands on goods that are none of its registered products.",
        ko=f"브랜드의 {_KINDS.get(kind, '도안')}이(가) 등록되지 않은 종류의 상품에 쓰였습니다.",
    )


_KINDS = {"logo": "로고", "character": "캐릭터", "packaging": "포장", "product": "상품 사진"}


def authorised(standing: Standing) -> Sentence:
    """The seller is on the brand's list."""
    shop = standing.shop.shop_id if standing.shop else ""
    return Sentence(en=f"The seller {shop} is authorised by the brand.", ko=f"판매자 {shop}은(는) 공식 판매처입니다.")


def lapsed(standing: Standing) -> Sentence:
    """The seller's authorisation has ended or does not reach here."""
    shop = standing.shop
    name, ended = (shop.shop_id, shop.expires) if shop else ("", None)
    if standing.lapsed:
        return Sentence(
            en=f"The authorisation of the seller {name} ended on {ended}.",
            ko=f"판매자 {name}의 공식 판매 자격이 {ended}에 끝났습니다.",
        )
    return Sentence(
        en=f"The seller {name} is authorised, but not for this country.",
        ko=f"판매자 {name}은(는) 공식 판매처이지만 이 나라는 포함되지 않습니다.",
    )


def imitates(name: str, spelling: str) -> Sentence:
    """The shop's name borrows the brand's."""
    return Sentence(
        en=f"The seller's name “{name}” carries “{spelling}”, but the seller is not authorised.",
        ko=f"판매자 이름 “{name}”에 “{spelling}”이(가) 들어 있으나 공식 판매처가 아닙니다.",
    )


def reviews(words: Sequence[str], shown: int) -> Sentence:
    """Buyers call the goods a fake."""
    return Sentence(
        en=f"{len(words)} of {shown} review(s) on the page call it a fake: {quoted(words)}.",
        ko=f"페이지에 보이는 리뷰 {shown}건 중 {len(words)}건이 가품이라고 합니다: {quoted(words)}.",
    )


def shipped_elsewhere(place: str, country: str, site: str) -> Sentence:
    """The goods come from where the brand sells nothing that we know of."""
    return Sentence(
        en=f"Ships from “{place}” ({country}): neither Korea, nor where it is sold ({site}), nor an authorised shop's "
        "country.",
        ko=f"발송지 “{place}”({country})은(는) 한국도, 판매 국가({site})도, 공식 판매처의 국가도 아닙니다.",
    )


def new_shop(age: Age) -> Sentence:
    """The shop opened lately."""
    return Sentence(
        en=f"By its page the seller is there since {age.since}, {age.days} days at most. Most new shops are honest: it "
        "counts little.",
        ko=f"페이지에 따르면 판매자는 {age.since}부터 활동했습니다(길어야 {age.days}일). 새 가게는 대부분 정직하므로 "
        "조금만 반영합니다.",
    )


RECORDS = {
    "seller_strikes": ("One other listing of this seller was decided to be a counterfeit.",
                       "{} other listings of this seller were decided to be counterfeits.",
                       "이 판매자의 다른 판매 글 {}건이 위조품으로 판정되었습니다."),
    "seller_suspected": ("One other listing of this seller looks like a counterfeit on its own evidence.",
                         "{} other listings of this seller look like counterfeits on their own evidence.",
                         "이 판매자의 다른 판매 글 {}건이 자체 근거로 의심을 받고 있습니다."),
    "seller_cleared": ("One other listing of this seller was decided to be no counterfeit.",
                       "{} other listings of this seller were decided to be no counterfeits.",
                       "이 판매자의 다른 판매 글 {}건은 위조품이 아닌 것으로 판정되었습니다."),
}  # fmt: skip
POOLED = ("One other listing of this shop was flagged in the pool.",
          "{} other listings of this shop were flagged in the pool.",
          "이 판매자의 다른 판매 글 {}건이 공유 풀에서 의심을 받고 있습니다.")  # fmt: skip


def record(name: str, count: int, pooled: int = 0) -> Sentence:
    """What is known of the seller's other listings: ``count`` of the organisation's own, ``pooled`` in the pool."""
    told = [(words, number) for words, number in ((RECORDS[name], count), (POOLED, pooled)) if number]
    return Sentence(
        en=" ".join(one if number == 1 else many.format(number) for (one, many, _), number in told),
        ko=" ".join(ko.format(number) for (_, _, ko), number in told),
    )


def relist(earlier: Relisted) -> Sentence:
    """The listing repeats one that was decided to be a counterfeit."""
    if earlier.title and earlier.pictures:
        en, ko = "the same title and picture", "제목과 사진이"
    else:
        en, ko = ("the same title", "제목이") if earlier.title else ("the same picture", "사진이")
    return Sentence(
        en=f"Repeats {earlier.listing}, decided on {earlier.decided_on} to be a counterfeit: {en}.",
        ko=f"{earlier.decided_on}에 위조품으로 판정된 {earlier.listing}와(과) {ko} 같습니다.",
    )


def names_another(match: TextMatch) -> Sentence:
    """The words name another brand than the picture."""
    return Sentence(
        en=f"The words name another brand, “{match.words}”: the picture may be theirs.",
        ko=f"글에는 다른 브랜드 “{match.words}”이(가) 적혀 있어 그 브랜드의 사진일 수 있습니다.",
    )


def brand_field(value: str, *, none: bool) -> Sentence:
    """The brand field names another brand or none."""
    if none:
        return Sentence(
            en=f"The brand field says “{value}” although the title names the mark.",
            ko=f"제목에는 상표가 있으나 브랜드란에는 “{value}”(이)라고 적혀 있습니다.",
        )
    return Sentence(
        en=f"The brand field names another brand: “{value}”.", ko=f"브랜드란에 다른 브랜드가 적혀 있습니다: “{value}”."
    )


def foreign_goods(spelling: str, kinds: Sequence[Goods]) -> Sentence:
    """The mark on goods of a class the brand registered nothing in."""
    en, ko = (", ".join(names) for names in ([kind.name for kind in kinds], [kind.name_ko for kind in kinds]))
    return Sentence(
        en=f"“{spelling}” on {en}: the brand makes nothing of that class, and the brand field is empty.",
        ko=f"“{spelling}” 상표가 브랜드에 없는 종류의 상품({ko})에 쓰였고 브랜드란은 비어 있습니다.",
    )


def goods_class(view: ClassView) -> Sentence:
    """How the goods lie to the classes registered where they are sold. It explains, it weighs nothing."""
    here = view.country
    if not view.registered:
        return Sentence(
            en=f"No registered trademark right of the brand is in force in {here}.",
            ko=f"이 나라({here})에서 효력이 있는 브랜드의 등록 상표권이 없습니다.",
        )
    classes_en, classes_ko = ", ".join(map(str, view.registered)), "·".join(map(str, view.registered))
    if view.within is None:
        return Sentence(
            en=f"The words do not tell the class of the goods; classes {classes_en} are registered in {here}.",
            ko=f"글만으로는 상품의 류를 알 수 없습니다. 이 나라({here})에 등록된 류: 제{classes_ko}류.",
        )
    en, ko = "; ".join(kind.en for kind in view.offered), ", ".join(kind.ko for kind in view.offered)
    if view.within:
        return Sentence(
            en=f"The goods ({en}) are of a class registered in {here}: {classes_en}.",
            ko=f"상품({ko})은 이 나라({here})에 등록된 류(제{classes_ko}류)에 속합니다.",
        )
    return Sentence(
        en=f"The goods ({en}) are of no class registered in {here} ({classes_en}). Similar goods and well-known marks "
        "may be protected all the same.",
        ko=f"상품({ko})은 이 나라({here})에 등록된 류(제{classes_ko}류)에 속하지 않습니다. 유사 상품이나 저명 상표는 "
        "그래도 보호될 수 있습니다.",
    )


def other_goods() -> Sentence:
    """Nothing of the brand's goods in the words."""
    return Sentence(
        en="Nothing in the words fits a registered product: it may be someone else's mark.",
        ko="등록 상품과 맞는 단어가 없어 다른 사람의 상표일 수 있습니다.",
    )


def verdict(ground: Ground, probability: float, reasons: Sequence[Sentence]) -> Sentence:
    """The sentence over the whole match: what it looks like, how sure, and the strongest reasons."""
    en, ko = GROUNDS[ground]
    sure = percent(probability)
    return Sentence(
        en=" ".join([f"{en} ({sure}).", *(reason.en for reason in reasons)]),
        ko=" ".join([f"{ko}({sure}).", *(reason.ko for reason in reasons)]),
    )
