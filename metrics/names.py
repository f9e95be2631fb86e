"""The names of stages, channels and countries, read once for all answers of a request."""

from functools import cached_property

from babel import Locale
from django.utils.translation import gettext as _

from clm.base.templatetags.formats import locale
from customers.models import Channel
from lifecycle.models import LifecycleModel, Stage


class Names:
    def __init__(self, model: LifecycleModel | None) -> None:
        self.model = model

    @cached_property
    def stages(self) -> list[Stage]:
        """In the order of the model."""
        return list(Stage.objects.filter(model=self.model).order_by("position")) if self.model else []

    @cached_property
    def stage_by_id(self) -> dict[str, Stage]:
        return {str(stage.pk): stage for stage in self.stages}

    @cached_property
    def channels(self) -> list[Channel]:
        return list(Channel.objects.all())

    @cached_property
    def channel_by_id(self) -> dict[str, Channel]:
        return {str(channel.pk): channel for channel in self.channels}

    @cached_property
    def _locale(self) -> Locale:
        return locale()

    def country(self, code: str) -> str:
        return str(self._locale.territories.get(code, code)) if code else _("Unknown")
