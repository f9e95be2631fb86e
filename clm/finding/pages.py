"""The pages of the product, as far as the menu shows them, and what can be made from anywhere."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from clm.accounts.permissions import Capability
from clm.base import navigation
from clm.base.context import PageFrame
from clm.base.search import Asked, Hit, Text, holds, register
from clm.base.spelling import is_misspelt


class Pages:
    key = "page"
    title: Text = _("Pages")
    capability: str = Capability.USE
    order = 70
    list_url = list_query = ""

    def find(self, asked: Asked) -> Sequence[Hit]:
        return [hit for hit in self._all(asked) if holds(str(hit.label), asked)]

    def similar(self, asked: Asked) -> Sequence[Hit]:
        return [
            Hit(hit.kind, hit.pk, hit.label, hit.note, hit.href, hit.icon, is_similar=True)
            for hit in self._all(asked)
            if is_misspelt(asked.text, str(hit.label))
        ]

    def _all(self, asked: Asked) -> list[Hit]:
        sections = navigation.menu_for(asked.request)
        hits = [
            Hit(self.key, 0, link.label, section.label, link.href, link.icon)
            for section in sections
            for link in section.links
        ]
        frame = PageFrame(asked.request)
        own = [*frame.user_links, *([frame.creation] if frame.creation else [])]
        return hits + [Hit(self.key, 0, link.label, "", link.href, link.icon) for link in own]


register(Pages())
