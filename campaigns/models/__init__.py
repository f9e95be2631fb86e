from campaigns.models.response import Band, Response, Via, band_of
from campaigns.models.survey import Invitation, Survey, SurveyKind

__all__ = ["Band", "Invitation", "Response", "Survey", "SurveyKind", "Via", "band_of"]
