"""Run by test_pool_race.py in a process of its own: somebody joins or leaves the pool while an intake is not done yet.

Prints as JSON who has the listing in the end: after joining, and after leaving.
"""
# ruff: noqa: PLC0415 (models can be imported only after django.setup)

from __future__ import annotations

import json
import os
import sys
import threading

PATIENCE = 2.0  # seconds an intake gives whoever joins or leaves to get ahead of it


def race(finder_pk: int, other_pk: int, listing_id: str, *, joins: bool) -> dict[str, str]:
    """Have one organisation join or leave while another's intake is open; return who has the listing, and from where."""
    from django.db import connections, transaction

    from accounts.models import Organisation
    from accounts.outbox import drain
    from accounts.services import set_pool
    from contracts.job import CaptureRef
    from contracts.listing import AccessRung, Listing
    from listings.intake import Intake, Record, take
    from listings.models import Sighting
    from tests.factories import NOON, sha

    stored, settled = threading.Event(), threading.Event()

    def change() -> None:
        stored.wait()
        set_pool(actor=None, organisation=Organisation.objects.get(pk=other_pk), pool=joins)
        while not drain().idle:
            pass
        settled.set()
        connections.close_all()

    changing = threading.Thread(target=change, daemon=True)
    changing.start()
    capture = CaptureRef(
        url="https://www.ebay.de/itm/1", observed_at=NOON, rung=AccessRung.HTTP, status=200,
        body_sha256=sha(listing_id), warc="", record_id="",
    )  # fmt: skip
    offer = Listing(market="ebay", listing_id=listing_id, title="Plain towel", observed_at=NOON)
    finder = Organisation.objects.get(pk=finder_pk)
    with transaction.atomic():
        take([Record(contract=offer, capture=capture, organisations=[finder])], Intake())
        stored.set()
        settled.wait(PATIENCE)
    changing.join()
    found = Sighting.objects.filter(listing__listing_id=listing_id).select_related("organisation")
    return {sighting.organisation.slug: sighting.source for sighting in found}


def main() -> None:
    """Make the database, race, print who has what."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.outbox import discover
    from tests.factories import OrganisationFactory

    call_command("migrate", verbosity=0)
    discover()  # takes seconds, in which an intake would be done
    finder, other = OrganisationFactory(slug="finder", pool=True), OrganisationFactory(slug="other")
    told = [race(finder.pk, other.pk, str(number), joins=joins) for number, joins in ((1, True), (2, False))]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
