from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BaseConfig(AppConfig):
    name = "clm.base"
    label = "base"

    def ready(self) -> None:
        """Let every app fill the registries, each from the module that is named as the registry is."""
        from clm.base import checks, timestamps  # noqa: F401  # they register themselves

        autodiscover_modules(
            "conditions",
            "columns",
            "panels",
            "navigation",
            "job_kinds",
            "import_kinds",
            "list_filters",
            "uses",
            "consequences",
            "inventory",
            "bulk_actions",
            "kept",
            "search_kinds",
        )
