"""Campaigns that are ready to switch on, as data. `install` makes one a draft of this company."""

from campaigns.presets.installing import CannotInstall, cards, install, shipped
from campaigns.presets.shape import PresetCampaign, PresetMail, PresetText

__all__ = ["CannotInstall", "PresetCampaign", "PresetMail", "PresetText", "cards", "install", "shipped"]
