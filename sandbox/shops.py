"""Who sells: ordinary shops with invented names, and those the brands authorised."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import attrs

from sandbox.brands import Brand
from sandbox.chance import dice, digest
from sandbox.offers import Shop
from sandbox.profiles import Profile
from sandbox.words import words

# Numbers set aside for fiction where a country has some (US 555-01xx, Germany 030 23125 xxx), else a run of zeros.
PHONES = {"US": "+1 206 555 01{:02d}", "DE": "+49 30 23125 0{:02d}", "CN": "+86 400 000 00{:02d}"}
PLACES = {
    "US": "{} Harbor Street, Springfield",
    "DE": "Musterstraße {}, 12345 Musterstadt",
    "CN": "示例市示范区样板路{}号",
    "ID": "Jalan Contoh No. {}, Kota Contoh",
    "TH": "{} ถนนตัวอย่าง เมืองตัวอย่าง",
}
FIRMS = {"US": "LLC", "DE": "GmbH", "CN": "商贸有限公司", "ID": "UD", "TH": "จำกัด"}
REGISTERS = {"US": "EIN 00-00000{:02d}", "DE": "HRB 900{:02d} Musterstadt", "CN": "统一社会信用代码 0000000000{:02d}"}


@attrs.frozen
class Shops:
    """The sellers of one marketplace; shady ones are among the ordinary and look like them."""

    ordinary: tuple[Shop, ...]
    shady: tuple[Shop, ...]

    def in_language(self, language: str, *, shady: bool = False) -> Sequence[Shop]:
        """Return shops whose owners write ``language``."""
        home = {"th": "TH", "id": "ID"}.get(language)
        pool = self.shady if shady else self.ordinary
        return [shop for shop in pool if home is None or shop.country == home] or pool


def open_shops(profile: Profile, seed: object, count: int) -> Shops:
    """Open ``count`` ordinary shops and a quarter as many shady ones."""
    shops: dict[str, Shop] = {}
    number = 0
    while len(shops) < count + max(3, count // 4):
        shop = _ordinary(profile, seed, number)
        shops.setdefault(shop.name, shop)
        number += 1
    opened = tuple(shops.values())
    return Shops(opened[:count], opened[count:])


def _ordinary(profile: Profile, seed: object, number: int) -> Shop:
    chance = dice(seed, profile.id, "shop", number)
    languages = [name for name, _ in profile.languages]
    language = languages[-1] if len(languages) > 1 and number % 5 == 0 else languages[0]
    first, second = words(language)["shop_words"]
    glue = "" if language in {"zh", "th", "de"} else " "
    name = glue.join((chance.choice(first), chance.choice(second)))
    if chance.random() < 0.6:  # noqa: PLR2004 (most names are taken already)
        name += f"{glue}{chance.randrange(2, 99)}"
    ascii_name = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())
    shop_id = f"{ascii_name or 'shop'}-{digest(seed, profile.id, number)[:5]}"
    return _shop(shop_id, name, "TH" if language == "th" else profile.country, number)


def _shop(shop_id: str, name: str, country: str, number: int) -> Shop:
    chance = dice(shop_id, country)
    two = number % 100
    trader = {
        "name": f"{name} {FIRMS[country]}",
        "address": PLACES[country].format(chance.randrange(1, 200)),
        "email": f"{shop_id}@shops.example",
        "phone": PHONES.get(country, "+00 000 0000 {:02d}").format(two),
        "register": REGISTERS.get(country, "NIB 00000000{:02d}").format(two),
    }
    rating = Decimal(chance.randrange(41, 50)) / 10
    return Shop(
        id=shop_id, name=name, country=country, since=chance.randrange(2014, 2026), rating=rating, trader=trader
    )


def brand_shop(brand: Brand, profile: Profile, *, own: bool) -> Shop | None:
    """Return the brand's own shop (``own``) or another one it authorised, as its folder lists them for this market."""
    listed = brand.shops.get(profile.id, (f"{brand.slug}-official",) if not brand.shops else ())
    fitting = [shop_id for shop_id in listed if shop_id.endswith("official") == own]
    if not fitting:
        return None
    number = len(brand.slug) + int(own)
    last = fitting[0].removeprefix(brand.slug).strip("-").title()
    return _shop(fitting[0], f"{brand.name} {last}".strip(), profile.country, number)
