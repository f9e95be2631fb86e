"""How busy a day is, for everybody."""

from datetime import date

# Coffee and tea are given in December and forgotten in July.
_MONTHS = (0.86, 0.9, 0.97, 0.98, 0.95, 0.88, 0.74, 0.9, 1.05, 1.08, 1.32, 1.5)
_WEEKDAYS = (1.08, 1.04, 1.0, 1.0, 0.96, 0.88, 1.04)
_BLACK_WEEK = 1.9

# A new warehouse went wrong: for six weeks parcels came late.
TROUBLE_STARTS, TROUBLE_ENDS = 430, 475


def season(day: date) -> float:
    black = _BLACK_WEEK if day.month == 11 and 23 <= day.day <= 29 else 1.0
    return _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] * black


def growth(day_number: int) -> float:
    """The company is young: twice as many come at the end as in the beginning."""
    return 1 + day_number / 730


def is_trouble(day_number: int) -> bool:
    return TROUBLE_STARTS <= day_number < TROUBLE_ENDS
