"""``jikimi match again``: everything stored is matched anew by the worker."""

import pytest
from click.testing import CliRunner

from accounts.models import OutboxMessage
from jikimi.commands.match import command
from listings import services
from tests.factories import ListingFactory


@pytest.mark.django_db
def test_everything_stored_is_told_of_once_a_page_at_a_time(monkeypatch):
    monkeypatch.setattr(services, "BATCH", 2)
    first, second, third = (ListingFactory().pk for _ in range(3))
    for _ in range(2):
        answer = CliRunner().invoke(command, ["again"])
        assert (answer.exit_code, answer.output) == (0, "`jikimi work` matches 3 listings again.\n")
    told = OutboxMessage.objects.order_by("pk").values_list("topic", "payload")
    assert list(told) == [
        ("listings.changed", {"listings": [first, second]}),
        ("listings.changed", {"listings": [third]}),
    ]
