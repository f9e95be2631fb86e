"""What customers can be tested for with the stages they were in."""

from lifecycle.conditions.stages import InStage, KnownStages, WasInStage

__all__ = ["InStage", "KnownStages", "WasInStage"]
