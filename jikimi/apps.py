from django.apps import AppConfig


class JikimiConfig(AppConfig):
    name = "jikimi"
