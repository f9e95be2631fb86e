"""The names of stages, channels, segments and countries, read once for all answers of a request."""

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from babel import Locale
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from clm.accounts.models import User
from clm.base.templatetags.formats import locale
from customers.models import Channel, Segment
from lifecycle.models import LifecycleModel, ModelVersion, Stage
from lifecycle.places import Place, places_of


class Names:
    model: LifecycleModel | None = None  # the one asked about
    _segments: list[Segment] | None = None

    @cached_property
    def all_stages(self) -> list[Stage]:
        """Each with when the version that decided last took over, as `since`."""
        stages = Stage.objects.settled().filter(model__in=LifecycleModel.objects.running())
        governing = ModelVersion.objects.filter(model=OuterRef("model"), governs_from__isnull=False)
        since = Subquery(governing.order_by("-governs_from").values("governs_from")[:1])
        return list(stages.select_related("model").annotate(since=since).in_order())

    @cached_property
    def models(self) -> list[LifecycleModel]:
        """Those that run, the primary first."""
        found = {stage.model_id: stage.model for stage in self.all_stages}
        return sorted(found.values(), key=lambda model: (not model.is_primary, model.pk))

    @cached_property
    def stages(self) -> list[Stage]:
        """Of the model asked about, in its order; last those it has no more."""
        return [stage for stage in self.all_stages if self.model and stage.model_id == self.model.pk]

    def of(self, model: LifecycleModel | None) -> Self:
        self.model = model
        return self

    @cached_property
    def stage_by_id(self) -> dict[str, Stage]:
        return {str(stage.pk): stage for stage in self.stages}

    def places(self, as_of: datetime) -> dict[int, Place]:
        """Where the stages of the model stood then; read once, and not at all where they stand so still."""
        if as_of not in self._places:
            self._places[as_of] = self._as_now(as_of) or (
                places_of(self.model.pk, as_of) if self.model else {}
            )
        return self._places[as_of]

    def _as_now(self, as_of: datetime) -> dict[int, Place]:
        stages: list[Any] = self.stages
        if not all(one.is_in_use and one.since and one.since < as_of for one in stages):
            return {}
        return {one.pk: Place(one.kind, in_use=True, place=Decimal(one.position)) for one in stages}

    def first(self, as_of: datetime) -> Stage:
        """The first stage in use then."""
        places = self.places(as_of)
        return min(self.stages, key=lambda stage: (not places[stage.pk].in_use, places[stage.pk].place))

    @cached_property
    def _places(self) -> dict[datetime, dict[int, Place]]:
        return {}

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
