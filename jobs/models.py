"""What is looked for and when, what it found, how each crawl went, and how each market fared."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from contracts.job import WatchKind
from jobs import cadence
from jobs.reasons import WATCH_REASONS, Reason, WatchReason
from jobs.schedules import Missed
from jobs.states import FindState, RunState, ScheduleState, WatchState
from jobs.verdicts import Verdict
from registry.models import Brand, OwnedQuerySet

KIND_LABELS = {
    WatchKind.SEARCH: _("Search"),
    WatchKind.CATEGORY: _("Category"),
    WatchKind.IMAGE: _("Picture"),
    WatchKind.SELLER: _("Seller"),
    WatchKind.LISTING: _("Listing"),
}


class WatchQuerySet(OwnedQuerySet):
    """Watches."""

    def looked_for(self) -> WatchQuerySet:
        """Return those that are not stopped."""
        return self.exclude(state=WatchState.STOPPED)

    def with_finds(self) -> WatchQuerySet:
        """Count on each watch how many listings it found, and how many of them were decided to be counterfeit."""
        return self.annotate(
            found=Count("finds"), infringing=Count("finds", filter=Q(finds__state=FindState.INFRINGING))
        )


class Watch(models.Model):
    """One thing to look for on one site of a market, for one brand."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="watches")
    market = models.CharField(max_length=40)
    site = models.CharField(max_length=2)
    kind = models.CharField(max_length=8, choices=[(k, KIND_LABELS[k]) for k in WatchKind])
    term = models.CharField(max_length=300)
    pages = models.PositiveSmallIntegerField(default=3)
    reason = models.CharField(max_length=12, choices=[(r, r.value) for r in WatchReason], default=WatchReason.MARK)
    about = models.CharField(max_length=200, blank=True, help_text=_("What the reason speaks of."))
    state = models.CharField(max_length=8, default=WatchState.ACTIVE, choices=[(s, s.value) for s in WatchState])
    barren = models.PositiveSmallIntegerField(default=0, help_text=_("Looks in a row that brought nothing new."))
    waited = models.PositiveSmallIntegerField(default=0, help_text=_("Runs since the last look."))
    looked_at = models.DateTimeField(null=True)

    objects = WatchQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("brand", "market", "site", "kind", "term"), name="one_watch_per_term")
        ]
        indexes = [models.Index(fields=("market", "kind"))]

    def __str__(self) -> str:
        return f"{self.market}/{self.site}: {self.term}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What several brands' watches have in common when one look serves them all."""
        return (self.site, self.kind, self.term.casefold())

    @property
    def interval(self) -> int:
        """Every how many runs it is looked at."""
        return cadence.interval(self.barren)

    @property
    def why(self) -> str:
        """Why it is watched, in the language in force."""
        return str(WATCH_REASONS[self.reason]) % {"about": self.about or self.term}

    def why_in(self, language: str) -> str:
        """Return `why` in one language."""
        with translation.override(language):
            return self.why


class Find(models.Model):
    """A listing that a watch brought, known by its id on the watch's market."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="finds")
    listing_id = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default=FindState.FOUND, choices=[(s, s.value) for s in FindState])
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("watch", "listing_id"), name="one_find_per_watch_and_listing")]
        indexes = [models.Index(fields=("listing_id",))]

    def __str__(self) -> str:
        return f"{self.listing_id} by {self.watch}"


class CrawlRun(models.Model):
    """One crawl of one market: one folder, one ``scrapy crawl`` at a time.

    Whoever works on it renews ``alive_at``; ``attempt`` fences it, so that a worker taken for dead changes nothing any
    more. ``figures`` are the few numbers of ``stats`` that a market's history is compared by (`jobs.judging`).
    """

    market = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default=RunState.DUE, choices=[(s, s.value) for s in RunState])
    folder = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    alive_at = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    process_id = models.PositiveIntegerField(null=True)
    host = models.CharField(max_length=100, blank=True)
    stats = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("market",), condition=models.Q(state=RunState.RUNNING), name="one_running_crawl_per_market"
            )
        ]
        indexes = [models.Index(fields=("market", "-id"))]

    def __str__(self) -> str:
        return f"{self.market} #{self.pk} {self.state}"

    @property
    def reasons(self) -> list[Reason]:
        """What fell short, as it is worded."""
        return [Reason.from_json(problem) for problem in self.problems]


class Schedule(models.Model):
    """When a market is crawled; without one it is crawled by hand only."""

    market = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=8, default=ScheduleState.ACTIVE, choices=[(s, s.value) for s in ScheduleState])
    every_hours = models.PositiveSmallIntegerField()
    window = models.CharField(max_length=11, help_text=_("HH:MM-HH:MM on the local clock; may pass midnight."))
    time_zone = models.CharField(max_length=60, help_text=_("IANA name, such as Asia/Singapore."))
    missed = models.CharField(max_length=4, choices=[(m, m.value) for m in Missed])
    taken = models.DateTimeField(null=True, help_text=_("The slot that was last run; the next is counted from it."))

    class Meta:
        ordering = ("market",)

    def __str__(self) -> str:
        return f"{self.market} every {self.every_hours} h, {self.window} {self.time_zone}"


class HealthChange(models.Model):
    """A market's verdict became another one. The last of a market is what people were told."""

    market = models.CharField(max_length=40)
    number = models.PositiveIntegerField(help_text=_("Counts the changes of a market: of two tellers one wins."))
    before = models.CharField(max_length=8, blank=True, choices=[(v, v.value) for v in Verdict])
    after = models.CharField(max_length=8, choices=[(v, v.value) for v in Verdict])
    reasons = models.JSONField(default=list)
    run = models.ForeignKey(CrawlRun, on_delete=models.SET_NULL, null=True, related_name="health_changes")
    at = models.DateTimeField(auto_now_add=True)
    posted_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("market", "number"), name="one_health_change_per_number")]

    def __str__(self) -> str:
        return f"{self.market}: {self.before or 'unknown'} -> {self.after}"
