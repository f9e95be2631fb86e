"""What customers can be tested for with the facts of this app."""

from campaigns.conditions.surveys import LastNpsScore, NotAsked, NpsScore

__all__ = ["LastNpsScore", "NotAsked", "NpsScore"]
