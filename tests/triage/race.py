"""Run by test_race.py in a process of its own: several processes empty one queue in an SQLite file."""
# ruff: noqa: PLC0415 (models can be imported only after django.setup)

import json
import multiprocessing
import os
import sys

FLAGS = 60
PROCESSES = 4


def work(user_pk: int) -> list[int]:
    """Decide flags until none is left; return which."""
    import django

    django.setup()
    from accounts.models import User
    from triage import services

    actor = User.objects.get(pk=user_pk)
    done = []
    while (flag := services.lease_next(actor=actor)) is not None:
        services.decide(actor=actor, flag=flag, kind="genuine", seen_fingerprint=flag.fingerprint)
        done.append(flag.pk)
    return done


def main() -> None:
    """Make the database, race, print what each process did."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.factories import BrandFactory, FlagFactory, MembershipFactory

    call_command("migrate", verbosity=0)
    brand = BrandFactory()
    FlagFactory.create_batch(FLAGS, brand=brand)
    people = [MembershipFactory(organisation=brand.organisation).user.pk for _ in range(PROCESSES)]
    connections.close_all()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        json.dump(pool.map(work, people, chunksize=1), sys.stdout)


if __name__ == "__main__":
    main()
