"""The form of a journey map's column: what is not touched comes back as it was, whoever wrote it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.mapping import Column, Picture
from lifecycle.mapping_forms import ColumnForm, initial_of
from lifecycle.models import Asset, Stage, Touchpoint

MARKED = st.text(alphabet=":| \nab/é\u2028", max_size=12).map(str.strip)
NEEDED = MARKED.filter(bool)
TOUCHPOINTS = st.builds(Touchpoint, channel=MARKED, what=NEEDED)
ASSETS = st.builds(
    Asset, title=NEEDED | st.just("https://a.example/"), href=st.sampled_from(["", "https://a.example/"])
)


def sent(column: Column, **changes: str) -> dict[str, Any]:
    return {name: value or "" for name, value in initial_of(column).items()} | changes


@settings(max_examples=60, deadline=None)
@given(touchpoints=st.lists(TOUCHPOINTS, max_size=4), assets=st.lists(ASSETS, max_size=4))
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(
    touchpoints: list[Touchpoint], assets: list[Asset]
) -> None:
    column = Column(Stage(), Picture(touchpoints=tuple(touchpoints), assets=tuple(assets)))

    form = ColumnForm(sent(column), column=column)

    assert form.is_valid(), form.errors
    assert form.picture() == column.picture


def test_a_channel_with_a_colon_stays_one_when_what_happens_is_changed() -> None:
    column = Column(Stage(), Picture(touchpoints=({"channel": "Chat: web", "what": "Hello"},)))

    form = ColumnForm(sent(column, touchpoints="Chat: web: Good day\nShop: A visit: short"), column=column)

    assert form.is_valid(), form.errors
    assert form.picture().touchpoints == (
        {"channel": "Chat: web", "what": "Good day"},
        {"channel": "Shop", "what": "A visit: short"},
    )
