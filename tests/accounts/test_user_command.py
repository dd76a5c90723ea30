import pytest
from click.testing import CliRunner

from accounts.models import Membership, User
from contracts.errors import BadInput, ManyBadInputs
from jikimi.commands import user, work
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a blue stone 41 rolls"


def run(*arguments, typed=""):
    return CliRunner().invoke(user.command, arguments, input=typed)


def test_add_prompts_for_a_password_and_never_shows_it():
    OrganisationFactory(slug="haneul")
    done = run("add", "mina", "--organisation", "haneul", "--role", "monitor", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert User.objects.get(username="mina").check_password(PASSWORD)
    assert Membership.objects.get().role == "monitor"


def test_add_reads_the_password_from_standard_input():
    OrganisationFactory(slug="haneul")
    arguments = ("add", "mina", "--organisation", "haneul", "--role", "administrator", "--password-stdin")
    assert run(*arguments, typed=f"{PASSWORD}\r\n").exit_code == 0
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("slug", "password", "error"),
    [("nobody", PASSWORD, BadInput), ("haneul", "short", ManyBadInputs), ("haneul", "", ManyBadInputs)],
)
def test_add_takes_nothing_when_something_does_not_fit(slug, password, error):
    OrganisationFactory(slug="haneul")
    done = run("add", "mina", "--organisation", slug, "--role", "monitor", "--password-stdin", typed=password)
    assert isinstance(done.exception, error)
    assert not User.objects.exists()


def test_the_password_is_no_option():
    options = {name for option in user.add.params for name in option.opts}
    assert "--password" not in options


def test_grant_and_revoke():
    OrganisationFactory(slug="haneul", name="Haneul")
    run("add", "mina", "--organisation", "haneul", "--role", "monitor", "--password-stdin", typed=PASSWORD)
    rest = ("mina", "--organisation", "haneul", "--role", "brand_owner")

    assert "is brand_owner of Haneul" in run("grant", *rest).output
    assert "is no longer brand_owner" in run("revoke", *rest).output
    assert "is not brand_owner" in run("revoke", *rest).output
    assert isinstance(run("grant", "noone", *rest[1:]).exception, BadInput)


def test_the_roles_of_the_command_are_those_of_the_model():
    from accounts.models import Role  # noqa: PLC0415 (beside what it is compared with)

    assert set(user.ROLES) == set(Role)
    assert {"--once", "--retry-failed"} <= {name for option in work.command.params for name in option.opts}
