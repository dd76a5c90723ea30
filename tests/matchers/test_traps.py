"""Words that look like an admission and are none, and goods that name a brand only to say what they fit."""

import pytest

from contracts.listing import Listing
from matchers import weights
from matchers.judge import judge
from tests.matchers.test_judge import BRAND, TODAY, signal_of

# "Money back if it is a fake", in every language of the lexicons.
MONEY_BACK = {
    "en": ("US", "Haneulbit serum authentic, money back if fake"),
    "de": ("DE", "Haneulbit Serum, Geld zurück falls Fälschung"),
    "es": ("ES", "Haneulbit sérum, devolvemos el dinero si es falso"),
    "fr": ("FR", "Haneulbit sérum, remboursé si contrefaçon"),
    "id": ("ID", "Haneulbit serum asli, uang kembali jika palsu"),
    "it": ("IT", "Haneulbit siero, rimborso se falso"),
    "ja": ("JP", "Haneulbit 美容液 偽物の場合返金"),
    "ko": ("KR", "Haneulbit 세럼 가품 시 200% 보상"),
    "ms": ("MY", "Haneulbit serum, wang dikembalikan jika palsu"),
    "pl": ("PL", "Haneulbit serum, zwrot pieniędzy jeśli podróbka"),
    "th": ("TH", "Haneulbit เซรั่ม ของแท้ ถ้าปลอมคืนเงิน"),
    "tl": ("PH", "Haneulbit serum, money back kung peke"),
    "vi": ("VN", "Haneulbit serum, hoàn tiền nếu hàng giả"),
    "zh": ("CN", "Haneulbit 精华 假一赔十 如有仿品退款"),
}
# Another maker's goods for the brand's, in every language.
MADE_FOR = {
    "en": ("US", "Silicone case for Haneulbit cushion"),
    "de": ("DE", "Aufbewahrungstasche für Haneulbit Cushion"),
    "es": ("ES", "Estuche de silicona para Haneulbit cushion"),
    "fr": ("FR", "Pochette souple pour Haneulbit cushion"),
    "id": ("ID", "Pouch silikon untuk Haneulbit cushion"),
    "it": ("IT", "Astuccio in silicone per Haneulbit cushion"),
    "ja": ("JP", "シリコンケース Haneulbit用"),
    "ko": ("KR", "실리콘 케이스 하늘빛채용"),
    "ms": ("MY", "Sarung silikon untuk Haneulbit cushion"),
    "pl": ("PL", "Silikonowe pudełko do Haneulbit cushion"),
    "th": ("TH", "ถุงเก็บ สำหรับ Haneulbit คุชชั่น"),
    "tl": ("PH", "Silicone pouch para sa Haneulbit cushion"),
    "vi": ("VN", "Hộp silicon dành cho Haneulbit cushion"),
    "zh": ("CN", "硅胶套 适用于天光彩妆气垫"),
}
# Words of the trade that are no admission where they stand.
INNOCENT_SENSES = {
    "replica jersey": ("US", "Haneulbit replica jersey 2026"),
    "AAA batteries": ("US", "Haneulbit lamp with 3x AAA batteries"),
    "1:1 scale": ("US", "Haneulbit figure 1:1 scale"),
    "OEM where it is the field's word for none": ("VN", "Haneulbit serum OEM"),
    "photocopy": ("DE", "Haneulbit Serum, Kopie der Rechnung liegt bei"),
    "faux lashes": ("ID", "Haneulbit bulu mata palsu"),
    "warning": ("DE", "Haneulbit Serum, Vorsicht vor Fälschungen"),
    "for a gift, not for the brand": ("ID", "Haneulbit serum cocok untuk kado"),
}


def look(site, title, price=None, currency="USD"):
    return judge(
        Listing(market="tiki", site=site, title=title, price=price, currency=currency), BRAND, today=TODAY
    )  # fmt: skip


@pytest.mark.parametrize("language", MONEY_BACK)
def test_money_back_if_fake_admits_nothing(language):
    match = look(*MONEY_BACK[language])
    assert signal_of(match, "wording_copy") is None
    assert match.probability < 0.2


@pytest.mark.parametrize("language", MADE_FOR)
def test_made_for_the_brands_goods_speaks_for_the_seller(language):
    match = look(*MADE_FOR[language])
    assert signal_of(match, "nominative").weight < -1
    assert match.probability < 0.05


@pytest.mark.parametrize("language", MADE_FOR)
def test_a_low_price_of_an_accessory_says_nothing(language):
    match = look(*MADE_FOR[language], price=1)
    assert signal_of(match, "price") is None
    assert match.probability < weights.QUEUE


@pytest.mark.parametrize("case", INNOCENT_SENSES)
def test_words_of_the_trade_admit_nothing(case):
    match = look(*INNOCENT_SENSES[case])
    copy = signal_of(match, "wording_copy")
    assert copy is None or copy.weight <= weights.COPY["low"]
    assert match.probability < 0.2


def test_for_a_gift_is_no_excuse():
    match = look("ID", "Haneulbit serum KW super cocok untuk kado")
    assert signal_of(match, "nominative") is None
    assert match.probability >= weights.QUEUE
