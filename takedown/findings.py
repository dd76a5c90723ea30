"""What the rights gate finds, in plain words in both interface languages."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

from contracts.match import Ground, Sentence


class Severity(StrEnum):
    """A block forbids the draft; a warning is shown and left to a person."""

    BLOCK = "block"
    WARN = "warn"


class Code(StrEnum):
    """Every finding the gate knows."""

    VERDICT_WITHDRAWN = "verdict_withdrawn"
    VERDICT_FORBIDS = "verdict_forbids"
    GROUND_MISMATCH = "ground_mismatch"
    SITE_UNKNOWN = "site_unknown"
    NO_DUTY_PROFILE = "no_duty_profile"
    SELLER_AUTHORISED = "seller_authorised"
    SELLER_UNKNOWN = "seller_unknown"
    NO_CAPTURE = "no_capture"
    CAPTURE_BLOCKED = "capture_blocked"
    LISTING_GONE = "listing_gone"
    CAPTURE_FAILED = "capture_failed"
    CAPTURE_OLD = "capture_old"
    NO_RIGHT_HERE = "no_right_here"
    NOT_REGISTERED = "not_registered"
    NOT_IN_FORCE = "not_in_force"
    NOT_COVERING = "not_covering"
    WRONG_CLASS = "wrong_class"
    CLASS_UNKNOWN = "class_unknown"
    EXPIRY_UNKNOWN = "expiry_unknown"
    STATUS_OLD = "status_old"
    NO_CERTIFICATE = "no_certificate"
    NO_OWNER = "no_owner"
    NO_POWER = "no_power"
    AGENT_DIFFERS = "agent_differs"
    LIVE_NOTICE = "live_notice"


# With one of these, a right cannot be enforced against the listing whatever papers are added.
NOT_ENFORCEABLE = frozenset({Code.NOT_REGISTERED, Code.NOT_IN_FORCE, Code.NOT_COVERING, Code.WRONG_CLASS})


@attrs.frozen(kw_only=True)
class Problem:
    """One finding. ``right_id`` says of which right it speaks; empty: of the whole."""

    code: Code
    sentence: Sentence
    severity: Severity = Severity.BLOCK
    right_id: str = ""

    @property
    def blocks(self) -> bool:
        """Tell whether this alone forbids the draft."""
        return self.severity is Severity.BLOCK

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict (what a refusal and a notice keep)."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "right_id": self.right_id,
            **self.sentence.to_json(),
        }


SENTENCES: dict[Code, Sentence] = {
    Code.VERDICT_WITHDRAWN: Sentence(
        en="The verdict was undone or replaced; decide the listing again.",
        ko="판정이 취소되었거나 교체되었습니다. 상품을 다시 판정하세요.",
    ),
    Code.VERDICT_FORBIDS: Sentence(
        en="Only the verdicts “counterfeit” and “official image re-used” permit a draft; this one is “{verdict}”.",
        ko="‘위조품’ 또는 ‘공식 이미지 도용’ 판정만 신고서를 작성할 수 있습니다. 현재 판정: “{verdict}”.",
    ),
    Code.GROUND_MISMATCH: Sentence(
        en="The verdict does not carry this ground: re-use of a photo is no proof of a fake, and a photo claim needs a "
        "copied photo.",
        ko="이 판정으로는 해당 근거를 주장할 수 없습니다. 사진 도용은 위조의 증거가 아니며, "
        "사진 저작권 주장에는 복제된 사진이 필요합니다.",
    ),
    Code.SITE_UNKNOWN: Sentence(
        en="The country of the site is not known, so no right can be said to reach it.",
        ko="사이트의 국가를 알 수 없어 어떤 권리가 미치는지 판단할 수 없습니다.",
    ),
    Code.NO_DUTY_PROFILE: Sentence(
        en="There is no notice form for the market “{market}”.", ko="“{market}” 마켓의 신고 양식이 없습니다."
    ),
    Code.SELLER_AUTHORISED: Sentence(
        en="The seller “{seller}” is on the list of authorised sellers.",
        ko="판매자 “{seller}”은(는) 공식 판매자 목록에 있습니다.",
    ),
    Code.SELLER_UNKNOWN: Sentence(
        en="The page shows no seller, so the list of authorised sellers could not be checked.",
        ko="페이지에 판매자가 표시되지 않아 공식 판매자 여부를 확인할 수 없습니다.",
    ),
    Code.NO_CAPTURE: Sentence(
        en="There is no evidence screenshot of the listing yet.", ko="아직 상품 페이지의 증거 화면이 없습니다."
    ),
    Code.CAPTURE_BLOCKED: Sentence(
        en="The marketplace blocked the screenshot ({reason}); a block is no evidence that the listing is there.",
        ko="마켓이 화면 캡처를 차단했습니다({reason}). 차단은 상품이 존재한다는 증거가 아닙니다.",
    ),
    Code.LISTING_GONE: Sentence(
        en="The listing was no longer there when the screenshot was taken.",
        ko="화면을 캡처했을 때 상품이 더 이상 없었습니다.",
    ),
    Code.CAPTURE_FAILED: Sentence(
        en="The last screenshot did not show the listing ({reason}).",
        ko="마지막 화면 캡처에 상품이 나타나지 않았습니다({reason}).",
    ),
    Code.CAPTURE_OLD: Sentence(
        en="The evidence screenshot is older than {hours} hours; take a new one.",
        ko="증거 화면이 {hours}시간보다 오래되었습니다. 다시 캡처하세요.",
    ),
    Code.NO_RIGHT_HERE: Sentence(
        en="Detected, but there is no enforceable {kind} in {country}.",
        ko="적발되었으나 {country}에서 행사할 수 있는 {kind_ko}이(가) 없습니다.",
    ),
    Code.NOT_REGISTERED: Sentence(
        en="{right} is not registered (status: {status}).", ko="{right}은(는) 등록 상태가 아닙니다(상태: {status})."
    ),
    Code.NOT_IN_FORCE: Sentence(en="{right} is not in force on {day}.", ko="{right}은(는) {day} 현재 효력이 없습니다."),
    Code.NOT_COVERING: Sentence(
        en="{right} does not reach {country}.", ko="{right}의 효력은 {country}에 미치지 않습니다."
    ),
    Code.WRONG_CLASS: Sentence(
        en="{right} is registered in class {classes}, the product lies in class {goods_class}.",
        ko="{right}은(는) {classes}류에 등록되어 있으나 상품은 {goods_class}류입니다.",
    ),
    Code.CLASS_UNKNOWN: Sentence(
        en="The Nice class of the product is not registered; check that the goods of {right} cover it.",
        ko="상품의 니스 분류가 등록되어 있지 않습니다. {right}의 지정상품에 포함되는지 확인하세요.",
    ),
    Code.EXPIRY_UNKNOWN: Sentence(
        en="{right} has no expiry date on file; check the register.",
        ko="{right}의 만료일이 기록되어 있지 않습니다. 등록부를 확인하세요.",
    ),
    Code.STATUS_OLD: Sentence(
        en="The register status of {right} was not checked within the last {days} days.",
        ko="최근 {days}일 안에 {right}의 등록 상태를 확인하지 않았습니다.",
    ),
    Code.NO_CERTIFICATE: Sentence(
        en="The certificate of {right} is not on file.", ko="{right}의 등록증 파일이 없습니다."
    ),
    Code.NO_OWNER: Sentence(
        en="The owner of {right}, as on the certificate, is not on file.",
        ko="{right}의 등록증상 권리자 이름이 없습니다.",
    ),
    Code.NO_POWER: Sentence(
        en="No power of attorney from “{owner}” is on file that is valid on {day} for {country}.",
        ko="{day} 현재 {country}에서 유효한 “{owner}”의 위임장이 없습니다.",
    ),
    Code.AGENT_DIFFERS: Sentence(
        en="The power of attorney names “{agent}”, the notice would be signed for “{notifier}”.",
        ko="위임장의 수임인은 “{agent}”이나 신고인은 “{notifier}”입니다.",
    ),
    Code.LIVE_NOTICE: Sentence(
        en="A notice on {right} for this listing is already under way.",
        ko="이 상품에 대해 {right}에 근거한 신고가 이미 진행 중입니다.",
    ),
}

KINDS: dict[Ground, tuple[str, str]] = {
    Ground.COPYRIGHT_IMAGE: ("copyright", "저작권"),
    Ground.COUNTERFEIT: ("trademark", "상표권"),
    Ground.TRADEMARK_MISUSE: ("trademark", "상표권"),
}


def find(code: Code, *, severity: Severity = Severity.BLOCK, right_id: str = "", **words: object) -> Problem:
    """Return the finding ``code`` with its sentence filled in."""
    sentence = SENTENCES[code]
    filled = Sentence(en=sentence.en.format(**words), ko=sentence.ko.format(**words))
    return Problem(code=code, sentence=filled, severity=severity, right_id=right_id)


def no_right_here(country: str, ground: Ground) -> Problem:
    """Return the finding that nothing registered reaches the listing."""
    kind, kind_ko = KINDS.get(ground, ("right", "권리"))
    return find(Code.NO_RIGHT_HERE, country=country or "?", kind=kind, kind_ko=kind_ko)
