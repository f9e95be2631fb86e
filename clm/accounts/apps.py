from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "clm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from clm.accounts import doors, session_limits  # noqa: F401  # connect the Celery door and the sign-in
