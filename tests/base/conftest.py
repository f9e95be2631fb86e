from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

HERE = Path(__file__).parent


@pytest.fixture
def demo_site(settings: Settings) -> None:
    """The product's addresses and a page with every component, at /demo/."""
    engine = django_settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], HERE / "templates"]}]
    settings.ROOT_URLCONF = "tests.base.demo"
