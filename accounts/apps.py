from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Load every room's permissions: rules looks for modules called ``rules`` only."""
        autodiscover_modules("permissions")
