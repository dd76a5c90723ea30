import importlib
import subprocess
import sys

import rules


def test_every_rooms_permissions_are_loaded_when_django_starts():
    # In a process of its own: here other tests have imported them already.
    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import django; django.setup()\n"
        "import rules; print(rules.perm_exists('registry.change_brand'), rules.perm_exists('accounts.manage_members'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_the_registry_names_a_permission_for_each_kind_of_change():
    importlib.import_module("registry.permissions")
    for name in ("add_brand", "view_brand", "change_brand", "change_right", "authorise_seller"):
        assert rules.perm_exists(f"registry.{name}")
