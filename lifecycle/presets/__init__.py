"""Lifecycle models from published guides, as data. `install` makes one a model of this company."""

from lifecycle.presets.installing import install, shipped
from lifecycle.presets.shape import PresetComponent, PresetModel, PresetRule, PresetStage

__all__ = ["PresetComponent", "PresetModel", "PresetRule", "PresetStage", "install", "shipped"]
