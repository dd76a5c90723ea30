from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.config import Confidence, read_toml
from contracts.duty import DutyProfile, duties
from contracts.errors import BadInput, ManyBadInputs
from contracts.law import Law, law
from contracts.market import manifests
from contracts.match import Ground
from contracts.rights import EU, Instrument, RightType, reaches

MARK, PHOTO = RightType.TRADEMARK_WORD, RightType.COPYRIGHT
FAKE, COPIED = Ground.COUNTERFEIT, Ground.COPYRIGHT_IMAGE


@pytest.mark.parametrize(
    ("country", "right", "ground", "instrument", "escalation"),
    [
        ("DE", MARK, FAKE, Instrument.DSA_16, None),
        ("FR", PHOTO, COPIED, Instrument.DSA_16, None),
        ("IE", RightType.TRADEMARK_FIGURATIVE, FAKE, Instrument.DSA_16, None),
        ("GB", MARK, FAKE, Instrument.PLATFORM_POLICY, None),  # left the Union on 2020-01-31
        ("GB", PHOTO, COPIED, Instrument.PLATFORM_POLICY, None),
        ("CH", MARK, FAKE, Instrument.PLATFORM_POLICY, None),
        ("NO", MARK, FAKE, Instrument.PLATFORM_POLICY, None),
        ("US", PHOTO, COPIED, Instrument.DMCA_512, None),
        ("US", MARK, FAKE, Instrument.US_TRADEMARK, None),
        ("US", MARK, Ground.TRADEMARK_MISUSE, Instrument.US_TRADEMARK, None),
        ("CN", MARK, FAKE, Instrument.CN_ECL_42, None),
        ("CN", PHOTO, COPIED, Instrument.CN_ECL_42, None),
        ("HK", MARK, FAKE, Instrument.PLATFORM_POLICY, None),
        ("ID", MARK, FAKE, Instrument.PLATFORM_POLICY, Instrument.ID_MOL_47),
        ("SG", MARK, FAKE, Instrument.PLATFORM_POLICY, None),
        ("KR", PHOTO, COPIED, Instrument.PLATFORM_POLICY, None),
    ],
)
def test_the_instrument_follows_country_right_and_ground(country, right, ground, instrument, escalation):
    basis = law().basis(country, right, ground)

    assert (basis.instrument, basis.escalation) == (instrument, escalation)


@pytest.mark.parametrize("country", sorted(EU | {"GB", "CH", "US", "CN", "ID", "SG", "TH"}))
def test_the_dsa_is_for_every_eu_site_and_no_other(country):
    assert (law().basis(country, MARK, FAKE).instrument is Instrument.DSA_16) == (country in EU)


@pytest.mark.parametrize(("right", "ground"), [(MARK, COPIED), (PHOTO, FAKE), (PHOTO, Ground.LOOKALIKE)])
def test_a_ground_the_right_does_not_carry_is_refused(right, ground):
    with pytest.raises(BadInput, match="ground"):
        law().basis("DE", right, ground)


def _law_with(**first_rule) -> Law:
    data = read_toml(Path("config/instruments.toml"))
    return Law.model_validate(data | {"rules": [first_rule, *data["rules"]]})


@pytest.mark.parametrize(
    "rule",
    [
        {"instrument": "dsa_16"},
        {"instrument": "dsa_16", "countries": ["EU", "GB"]},
        {"instrument": "dmca_512", "countries": ["US"]},
        {"instrument": "dmca_512", "countries": ["US"], "rights": ["copyright", "trademark_word"]},
    ],
)
def test_an_operator_cannot_stretch_the_dsa_or_the_dmca(rule):
    with pytest.raises(ValidationError, match="only"):
        _law_with(**rule)


def test_the_last_rule_must_catch_everything():
    data = read_toml(Path("config/instruments.toml"))
    with pytest.raises(ValidationError, match="last rule"):
        Law.model_validate(data | {"rules": data["rules"][:-1]})


@pytest.mark.parametrize(
    ("office", "designations", "country", "there"),
    [
        ("EU", (), "DE", True),
        ("EM", (), "DE", True),
        ("EU", (), "GB", False),
        ("EU", (), "CH", False),
        ("BX", (), "NL", True),
        ("BX", (), "DE", False),
        ("KR", (), "KR", True),
        ("KR", (), "CN", False),
        ("WO", ("CN", "EU"), "CN", True),
        ("WO", ("CN", "EU"), "FR", True),
        ("WO", ("CN", "EU"), "GB", False),
        ("WO", ("BX",), "BE", True),
        ("WO", (), "KR", False),
        ("WO", ("WO",), "KR", False),
    ],
)
def test_where_a_register_reaches(office, designations, country, there):
    assert reaches(office, designations, country) is there


INVENTED = {"harborlane", "marktkorb", "longshi", "pasarria"}
REAL = set(duties()) - INVENTED


def test_every_market_names_a_profile_and_every_platform_of_our_own_is_marked():
    assert {manifest.duty_profile for manifest in manifests().values()} <= set(duties())
    assert {profile.id for profile in duties().values() if profile.sandbox} == INVENTED


@pytest.mark.parametrize("profile", duties().values(), ids=lambda profile: profile.id)
def test_a_profile_speaks_english_korean_and_the_platforms_language(profile: DutyProfile):
    texts = [field.label for field in profile.fields]
    for label in texts:
        assert {"en", "ko", profile.languages[0]} <= set(label), label
    for fact in (*profile.warnings, *profile.facts):
        assert {"en", "ko"} <= set(fact.text)
    for clock in profile.clocks:
        assert {"en", "ko"} <= set(clock.name)
    keys = [field.key for field in profile.fields]
    assert len(keys) == len(set(keys))
    assert any(fact.personal_data for fact in profile.warnings), "says where personal data go"


def _sources(profile: DutyProfile):
    yield profile.source
    yield from (fact.source for fact in (*profile.facts, *profile.warnings))
    yield from (clock.source for clock in profile.clocks)
    yield from (field.source for field in profile.fields if field.source)


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_fact_is_dated_and_sourced_or_marked_unverified(name):
    for source in _sources(duties()[name]):
        if source.confidence is Confidence.UNVERIFIED:
            assert source.verified_on is None
        else:
            assert source.verified_on
            assert source.url or source.note


def test_a_misspelt_profile_names_file_and_field(tmp_path):
    (tmp_path / "odd.toml").write_text('id = "odd"\nplatfrom = "Odd"\n')

    with pytest.raises(ManyBadInputs) as caught:
        duties(tmp_path)

    assert "odd.toml" in str(caught.value)
    assert "platfrom" in str(caught.value)
