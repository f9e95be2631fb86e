"""The names of stages, channels, segments and countries, read once for all answers of a request."""

from functools import cached_property
from typing import Self

from babel import Locale
from django.utils.translation import gettext as _

from clm.accounts.models import User
from clm.base.templatetags.formats import locale
from customers.models import Channel, Segment
from lifecycle.models import LifecycleModel, Stage


class Names:
    model: LifecycleModel | None = None  # the one asked about
    _segments: list[Segment] | None = None

    @cached_property
    def all_stages(self) -> list[Stage]:
        running = LifecycleModel.objects.running()
        return list(
            Stage.objects.settled()
            .filter(model__in=running)
            .select_related("model")
            .order_by("model", "position")
        )

    @cached_property
    def models(self) -> list[LifecycleModel]:
        """Those that run, the primary first."""
        found = {stage.model_id: stage.model for stage in self.all_stages}
        return sorted(found.values(), key=lambda model: (not model.is_primary, model.pk))

    @cached_property
    def stages(self) -> list[Stage]:
        """Of the model asked about, in its order."""
        return [stage for stage in self.all_stages if self.model and stage.model_id == self.model.pk]

    def of(self, model: LifecycleModel | None) -> Self:
        self.model = model
        return self

    @cached_property
    def stage_by_id(self) -> dict[str, Stage]:
        return {str(stage.pk): stage for stage in self.stages}

    @cached_property
    def channels(self) -> list[Channel]:
        return list(Channel.objects.all())

    @cached_property
    def channel_by_id(self) -> dict[str, Channel]:
        return {str(channel.pk): channel for channel in self.channels}

    def segments(self, user: User | None) -> list[Segment]:
        """Those that the user sees, by name; read once."""
        if self._segments is None:
            seen = Segment.objects.all() if user is None else Segment.objects.visible_to(user)
            self._segments = list(seen.order_by("name"))
        return self._segments

    @cached_property
    def _locale(self) -> Locale:
        return locale()

    def country(self, code: str) -> str:
        return str(self._locale.territories.get(code, code)) if code else _("Unknown")
