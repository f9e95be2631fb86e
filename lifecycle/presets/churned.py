"""The stage that we add to guides without one: who has stopped buying must be somewhere."""

from lifecycle.models.stage import Kind
from lifecycle.presets.shape import PresetStage
from lifecycle.presets.signs import labels

CHURNED = PresetStage(
    "churned",
    labels("Churned", "Tabt", "Förlorad", "Vertrokken", "Abgewandert"),
    Kind.CHURNED,
    icon="circle-off",
    is_ours=True,
)
