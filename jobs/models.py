"""What is looked for, and how each crawl went."""

from __future__ import annotations

from django.db import models

from contracts.job import WatchKind
from jobs.states import RunState
from registry.models import Brand, OwnedQuerySet


class Watch(models.Model):
    """One thing to look for on one site of a market, for one brand."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="watches")
    market = models.CharField(max_length=40)
    site = models.CharField(max_length=2)
    kind = models.CharField(max_length=8, choices=[(k, k.value) for k in WatchKind])
    term = models.CharField(max_length=300)
    pages = models.PositiveSmallIntegerField(default=3)
    why = models.CharField(max_length=200, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("brand", "market", "site", "kind", "term"), name="one_watch_per_term")
        ]

    def __str__(self) -> str:
        return f"{self.market}/{self.site}: {self.term}"


class CrawlRun(models.Model):
    """One crawl of one market: one folder, one ``scrapy crawl`` at a time."""

    market = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default=RunState.DUE, choices=[(s, s.value) for s in RunState])
    folder = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    process_id = models.PositiveIntegerField(null=True)
    host = models.CharField(max_length=100, blank=True)
    stats = models.JSONField(default=dict)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("market",), condition=models.Q(state=RunState.RUNNING), name="one_running_crawl_per_market"
            )
        ]

    def __str__(self) -> str:
        return f"{self.market} #{self.pk} {self.state}"
