"""One file per verb of the ``jikimi`` command."""
