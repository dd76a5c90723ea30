"""What a brand owner registers once and everything else is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from contracts.match import Script
from contracts.rights import RightStatus, RightType

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OwnedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows that belong to a brand, seen only by members of its organisation."""

    brand_path = "brand"

    def for_user(self, user: User | AnonymousUser) -> OwnedQuerySet:
        """Return the rows of organisations the user is a member of."""
        if not user.is_authenticated:
            return self.none()
        path = "__".join(filter(None, (self.brand_path, "organisation__memberships__user")))
        return self.filter(**{path: user}).distinct()


class BrandQuerySet(OwnedQuerySet):
    """Brands themselves."""

    brand_path = ""


class SpellingQuerySet(OwnedQuerySet):
    """Spellings hang on a mark."""

    brand_path = "mark__brand"


class Brand(models.Model):
    """A brand with everything registered under it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="brands")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    website = models.URLField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("organisation", "slug"), name="one_brand_slug_per_organisation")]

    def __str__(self) -> str:
        return self.name


class Mark(models.Model):
    """A sign the brand uses, in every script it is written in."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="marks")
    text = models.CharField(max_length=120)
    common_word = models.BooleanField(default=False, help_text=_("An ordinary word: needs context before it counts."))
    excluded = models.JSONField(default=list, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("brand", "text"), name="one_mark_text_per_brand")]

    def __str__(self) -> str:
        return self.text


class Spelling(models.Model):
    """One way a mark is written."""

    mark = models.ForeignKey(Mark, on_delete=models.CASCADE, related_name="spellings")
    text = models.CharField(max_length=120)
    script = models.CharField(max_length=4, choices=[(s, s.name.title()) for s in Script])

    objects = SpellingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("mark", "text"), name="one_spelling_per_mark")]

    def __str__(self) -> str:
        return self.text


class Product(models.Model):
    """A genuine product with its ordinary price."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="products")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3)
    nice_class = models.PositiveSmallIntegerField(null=True, blank=True)
    keywords = models.JSONField(default=list, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("brand", "code"), name="one_product_code_per_brand")]

    def __str__(self) -> str:
        return self.name


class PictureKind(models.TextChoices):
    """What a reference image shows."""

    PRODUCT = "product", _("Product")
    PACKAGING = "packaging", _("Packaging")
    LOGO = "logo", _("Logo")
    CHARACTER = "character", _("Character")


class ReferenceImage(models.Model):
    """A registered picture; its bytes lie in the evidence store under their SHA-256."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="images")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="images")
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=PictureKind.choices)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file_name = models.CharField(max_length=200)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("brand", "sha256"), name="one_image_per_brand")]

    def __str__(self) -> str:
        return self.file_name


class Right(models.Model):
    """A right as the certificate has it. What a notice rests on."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="rights")
    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, null=True, blank=True, related_name="rights")
    type = models.CharField(max_length=24, choices=[(t, t.replace("_", " ")) for t in RightType])
    office = models.CharField(max_length=4, help_text=_("Register: KR, US, EU (EUIPO), BX, CN, WO (Madrid) ..."))
    number = models.CharField(max_length=60, blank=True, help_text=_("Empty for copyright that needs no register."))
    classes = models.JSONField(default=list, blank=True)
    goods = models.TextField(blank=True)
    owner = models.CharField(max_length=200, help_text=_("Exactly as on the certificate."))
    filed_on = models.DateField(null=True, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    designations = models.JSONField(default=list, blank=True, help_text=_("Madrid: where protection was granted."))
    status = models.CharField(max_length=12, choices=[(s, s.value) for s in RightStatus])
    status_checked_on = models.DateField(null=True, blank=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    certificate_name = models.CharField(max_length=200, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("brand", "type", "office", "number"),
                condition=~models.Q(number=""),
                name="one_right_per_register_entry",
            ),
            models.UniqueConstraint(
                fields=("brand", "type", "office", "goods"),
                condition=models.Q(number=""),
                name="one_unregistered_right_per_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.number} ({self.type})"


class PowerOfAttorney(models.Model):
    """Who may sign for the owner, where and until when."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="powers_of_attorney")
    grantor = models.CharField(max_length=200)
    agent = models.CharField(max_length=200)
    countries = models.JSONField(default=list, blank=True, help_text=_("Empty: everywhere."))
    signed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    file_sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("brand", "file_sha256"), name="one_power_of_attorney_file")]

    def __str__(self) -> str:
        return f"{self.grantor} -> {self.agent}"


class AuthorisedSeller(models.Model):
    """A shop that may sell the brand's goods; checked before anything is scored."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="authorised_sellers")
    market = models.CharField(max_length=40)
    shop_id = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    territory = models.JSONField(default=list, blank=True, help_text=_("Countries; empty: everywhere."))
    expires_on = models.DateField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("brand", "market", "shop_id"), name="one_authorised_seller_per_shop")
        ]

    def __str__(self) -> str:
        return f"{self.market} / {self.shop_id}"
