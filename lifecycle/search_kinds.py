"""What the search of the whole product finds here: lifecycle models and their stages, by any of their names."""

from collections.abc import Callable, Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base.search import Asked, Hit, Text, holds, register
from clm.base.spelling import is_misspelt
from lifecycle.models import LifecycleModel, Stage
from lifecycle.models.labels import Labels

MOST_STAGES = 500


class Lifecycles:
    """Few enough to be looked through here, in all their languages."""

    key = "lifecycle"
    title: Text = _("Lifecycle")
    capability: str = Capability.VIEW_CUSTOMERS
    order = 60
    list_url = list_query = ""

    def find(self, asked: Asked) -> Sequence[Hit]:
        return self._of(asked, lambda name: holds(name, asked))

    def similar(self, asked: Asked) -> Sequence[Hit]:
        return self._of(asked, lambda name: is_misspelt(asked.text, name), is_similar=True)

    def _of(self, asked: Asked, fits: Callable[[str], bool], *, is_similar: bool = False) -> list[Hit]:
        if self.key not in asked.read:
            asked.read[self.key] = _stages()
        stages: list[Stage] = asked.read[self.key]
        models = {stage.model_id: stage.model for stage in stages}.values()
        return [
            *(self._model(one, is_similar) for one in models if _fit(one.labels, fits)),
            *(self._stage(one, is_similar) for one in stages if _fit(one.labels, fits)),
        ]

    def _model(self, model: LifecycleModel, is_similar: bool) -> Hit:
        href = reverse("lifecycle-model", args=[model.slug])
        return Hit(
            "lifecycle_model", model.pk, str(model), _("Lifecycle model"), href, "workflow", is_similar
        )

    def _stage(self, stage: Stage, is_similar: bool) -> Hit:
        """Who is in it."""
        place = urlencode({"placed": f"{stage.model.slug}:{stage.slug}"})
        href = f"{reverse('customers')}?{place}"
        return Hit("stage", stage.pk, str(stage), str(stage.model), href, "map-pin", is_similar)


def _stages() -> list[Stage]:
    running = Stage.objects.settled().filter(model__in=LifecycleModel.objects.running())
    return list(running.select_related("model").order_by("pk")[:MOST_STAGES])


def _fit(labels: Labels, fits: Callable[[str], bool]) -> bool:
    return any(fits(name) for name in labels.values() if name)


register(Lifecycles())
