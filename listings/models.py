"""What was seen: listings, their captures and pictures, and who sells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.models import Organisation, User
from contracts.listing import AccessRung
from contracts.listing import Listing as ListingContract
from listings.states import Presence, Source

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Seller(models.Model):
    """A shop on one market. ``key`` is its id, or its name where the market shows no id."""

    market = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    seller_id = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=300, blank=True)
    url = models.TextField(blank=True)
    country = models.CharField(max_length=80, blank=True)
    trader = models.JSONField(default=dict)
    since = models.CharField(max_length=10, blank=True, help_text="A year, a month or a day, as its pages show it.")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("market", "key"), name="one_seller_per_market_key")]

    def __str__(self) -> str:
        return f"{self.market} / {self.name or self.key}"


class ListingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Listings, seen only by organisations for whose watches they were found."""

    def for_user(self, user: User | AnonymousUser) -> ListingQuerySet:
        """Return the listings sighted for organisations the user is a member of."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(sightings__organisation__memberships__user=user).distinct()


class Listing(models.Model):
    """One offer on one market; ``data`` is the newest listing contract, the columns are what is searched by."""

    market = models.CharField(max_length=40)
    listing_id = models.CharField(max_length=200)
    site = models.CharField(max_length=2, blank=True)
    url = models.TextField(blank=True)
    title = models.TextField()
    price = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, null=True, related_name="listings")
    presence = models.CharField(max_length=8, default=Presence.LIVE, choices=[(p, p.value) for p in Presence])
    fingerprint = models.CharField(max_length=64)
    # What the next crawl compares before it fetches the listing's page: how result pages showed it, and its validators.
    card_fingerprint = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    data = models.JSONField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("market", "listing_id"), name="one_listing_per_market_id")]
        indexes = [models.Index(fields=("last_seen",))]

    def __str__(self) -> str:
        return f"{self.market} {self.listing_id}"

    def contract(self) -> ListingContract:
        """Return the newest listing as the plain contract type."""
        return ListingContract.from_json(self.data, where=str(self))


class Sighting(models.Model):
    """For whom a listing was found; the border between tenants. What the pool found keeps the time of that look."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="sightings")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="sightings")
    source = models.CharField(max_length=8, default=Source.WATCH, choices=[(s, s.value) for s in Source])
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("listing", "organisation"), name="one_sighting_per_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.listing} for {self.organisation}"


class Capture(models.Model):
    """One look at a listing: where the raw bytes lie and what was read from them. Write-once."""

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="captures")
    observed_at = models.DateTimeField()
    rung = models.CharField(max_length=8, choices=[(r, r.value) for r in AccessRung])
    url = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    body_sha256 = models.CharField(max_length=64)
    warc = models.CharField(max_length=300, blank=True)
    record_id = models.CharField(max_length=100, blank=True)
    screenshot_sha256 = models.CharField(max_length=64, blank=True)
    vantage = models.CharField(max_length=100, blank=True)
    parser = models.CharField(max_length=100, blank=True)
    fingerprint = models.CharField(max_length=64)
    data = models.JSONField()

    class Meta:
        ordering = ("-observed_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("listing", "body_sha256", "fingerprint"), name="one_capture_per_content")
        ]

    def __str__(self) -> str:
        return f"{self.listing} at {self.observed_at:%Y-%m-%d %H:%M}"


class ListingImage(models.Model):
    """One picture of a listing: its bytes by SHA-256, or why there are none."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    url = models.TextField()
    sha256 = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=("listing", "url"), name="one_listing_image_per_url")]
        indexes = [models.Index(fields=("sha256",))]

    def __str__(self) -> str:
        return f"{self.listing} picture {self.position}"
