from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from clm.accounts import doors  # noqa: F401  # connects the Celery door
