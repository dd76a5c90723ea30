"""What each signal is called, in both interface languages, where only its name is at hand (tables, figures)."""

from __future__ import annotations

from contracts.match import Sentence

NAMES = {
    name: Sentence(en=en, ko=ko)
    for name, en, ko in (
        ("mark", "Mark in words", "글에 쓰인 상표"),
        ("mark_disguised", "Mark disguised", "변형된 상표"),
        ("text_in_image", "Mark in a picture", "사진 속 상표"),
        ("logo", "Logo in a picture", "사진 속 로고"),
        ("wording_copy", "Admits a copy", "복제품이라는 표현"),
        ("wording_concealment", "Says the mark is hidden", "상표를 숨겼다는 표현"),
        ("wording_lookalike", "Says it is alike", "유사 상품이라는 표현"),
        ("wording_grey", "Outside the channel", "비공식 유통 표현"),
        ("wording_repack", "Opened or refilled", "소분·개봉 표현"),
        ("wording_discreet", "Leaves no trail", "흔적을 남기지 않는 거래"),
        ("nominative", "Made for the brand's goods", "브랜드 상품용 물건"),
        ("second_hand", "Second-hand", "중고품"),
        ("denial", "Speaks against copies", "가품이 아니라는 표현"),
        ("price", "Price", "가격"),
        ("photo_copy", "Registered photo re-used", "등록 사진 재사용"),
        ("photo_mirrored", "Registered photo mirrored", "좌우를 뒤집은 등록 사진"),
        ("artwork", "Registered artwork", "등록 도안"),
        ("scene", "Same scene", "같은 장면"),
        ("brand_dropped", "Brand's picture, no name", "이름 없이 쓴 브랜드 사진"),
        ("concealment", "Part of the picture hidden", "사진 일부 가림"),
        ("altered_goods", "Artwork on other goods", "다른 상품에 쓴 도안"),
        ("authorised", "Authorised seller", "공식 판매처"),
        ("lapsed", "Authorisation ended", "끝난 판매 자격"),
        ("elsewhere", "Authorised elsewhere", "다른 나라의 판매 자격"),
        ("seller_imitates", "Name imitates the brand", "브랜드를 흉내 낸 판매자 이름"),
        ("seller_strikes", "Seller's earlier counterfeits", "판매자의 이전 위조품"),
        ("seller_suspected", "Seller's other suspects", "판매자의 다른 의심 판매 글"),
        ("relist", "Repeats a counterfeit", "위조품 재등록"),
        ("seller_cleared", "Seller cleared before", "이전에 문제없던 판매자"),
        ("reviews_say_fake", "Reviews say fake", "가품이라는 리뷰"),
        ("new_shop", "Opened lately", "최근에 연 가게"),
        ("shipped_elsewhere", "Shipped from a third country", "제3국에서 발송"),
        ("other_brand", "Brand field: another", "다른 브랜드가 적힌 브랜드란"),
        ("no_brand_field", "Brand field: none", "브랜드 없음으로 적힌 브랜드란"),
        ("names_another", "Words name another brand", "글에 적힌 다른 브랜드"),
        ("other_goods", "None of the brand's goods", "브랜드에 없는 상품"),
        ("goods_class", "Class of the goods", "상품의 류"),
        ("foreign_goods", "Goods of another kind", "다른 종류의 상품"),
        ("other", "Something else", "기타"),
    )
}


def name_of(signal: str) -> Sentence:
    """Return what a signal is called; one nobody named is called by its own name."""
    return NAMES.get(signal, Sentence(en=signal.replace("_", " "), ko=signal.replace("_", " ")))
