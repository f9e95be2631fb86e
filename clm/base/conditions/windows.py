"""A test together with the stretch of time it looks at, in the order that each language has."""

from django.utils.translation import ngettext, pgettext


def in_the_last(test: str, days: int | None) -> str:
    """`bought tea`, 30 -> bought tea in the last 30 days. Without days the test stands alone."""
    if days is None:
        return test
    window = ngettext("in the last %(n)s day", "in the last %(n)s days", days) % {"n": days}
    return pgettext("a test and its days", "%(test)s %(window)s") % {"test": test, "window": window}


def ever(test: str) -> str:
    """Where it must be said that all time counts: exactly 1 purchase day ever."""
    return pgettext("a test over all time", "%(test)s ever") % {"test": test}
