"""What customers can be tested for with the stages they were in."""

from lifecycle.conditions.stages import InStage, WasInStage

__all__ = ["InStage", "WasInStage"]
