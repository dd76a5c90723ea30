"""Run by test_race.py in a process of its own: several processes empty one queue in an SQLite file."""
# ruff: noqa: PLC0415 (models can be imported only after django.setup)

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

FLAGS = 60
PROCESSES = 4
PATIENCE = 120  # seconds for a process to start on a busy machine


def work(user_pk: int, everyone: Barrier, done: Queue[list[int]]) -> None:
    """Decide flags until none is left and tell which.

    Whoever has leased the first flag waits until everyone has: else a quick process empties the queue on its own.
    """
    import django

    django.setup()
    from accounts.models import User
    from triage import services

    actor = User.objects.get(pk=user_pk)
    mine = []
    everyone.wait(timeout=PATIENCE)
    while (flag := services.lease_next(actor=actor)) is not None:
        if not mine:
            everyone.wait(timeout=PATIENCE)
        services.decide(actor=actor, flag=flag, kind="genuine", seen_fingerprint=flag.fingerprint)
        mine.append(flag.pk)
    done.put(mine)


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
    spawn = multiprocessing.get_context("spawn")
    everyone, done = spawn.Barrier(PROCESSES), spawn.Queue()
    workers = [spawn.Process(target=work, args=(person, everyone, done)) for person in people]
    for worker in workers:
        worker.start()
    json.dump([done.get(timeout=PATIENCE) for _ in workers], sys.stdout)
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
