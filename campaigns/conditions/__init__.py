"""What customers can be tested for with the facts of this app."""

from campaigns.conditions.campaigns import FinishedCampaign, GotMessage, InCampaign
from campaigns.conditions.surveys import LastNpsScore, NotAsked, NpsScore

__all__ = ["FinishedCampaign", "GotMessage", "InCampaign", "LastNpsScore", "NotAsked", "NpsScore"]
