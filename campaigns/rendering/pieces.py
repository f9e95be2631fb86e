"""Parsed texts as pieces to be put together: a placeholder that stands in a mail more than once is worked out once.

Liquid walks a tree for every text of every mail, and most of a mail is neither placeholder nor condition. Texts with
more than those (loops, assignments) are left to Liquid as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from liquid import BoundTemplate
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.builtin.expressions.path import Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.expression import Expression
from markupsafe import escape

from campaigns.rendering import formats, liquid
from campaigns.rendering.liquid import CannotRender, Values

_NOT_PLAIN = {"size", "first", "last"}  # of which Liquid makes something


class _Beyond(Exception):
    """A text with more in it than is put together here."""


@dataclass(frozen=True)
class _Choice:
    """The first branch whose condition holds; one without a condition always does."""

    branches: tuple[tuple[Expression | None, "_Pieces"], ...]


# A number stands for a placeholder, by its place in `Filler._asked`.
_Pieces = list[str | int | _Choice]


class Filler:
    """Texts of one mail, in one language, that are filled in together."""

    def __init__(self, *texts: tuple[BoundTemplate, bool]) -> None:
        """Each with whether what is filled in is escaped."""
        self._first = texts[0][0]
        self._numbers: dict[str, int] = {}
        self._asked: list[Callable[[_Round], object]] = []
        self._fills = [self._filling(template, escapes) for template, escapes in texts]

    def filled(self, values: Values) -> list[str]:
        """In the order of the texts. Raises CannotRender."""
        with_values = _Round(self._first, values, self._asked)
        try:
            return [fill(with_values) for fill in self._fills]
        except (LiquidError, RecursionError) as error:
            raise CannotRender(liquid.told(error)) from error

    def _filling(self, template: BoundTemplate, escapes: bool) -> "Callable[[_Round], str]":
        try:
            pieces = self._pieces(template.nodes)
        except _Beyond:
            return lambda filling: liquid.filled(template, filling.values)
        return partial(_Round.text, pieces=pieces, escapes=escapes)

    def _pieces(self, nodes: Sequence[Node]) -> _Pieces:
        return [self._piece(node) for node in nodes]

    def _piece(self, node: Node) -> str | int | _Choice:
        if isinstance(node, ContentNode):
            return node.text
        if isinstance(node, OutputNode):
            return self._number(node)
        if isinstance(node, IfNode):
            return self._choice(node)
        raise _Beyond

    def _number(self, node: OutputNode) -> int:
        source = str(node.token.value)
        if source not in self._numbers:
            self._numbers[source] = len(self._asked)
            self._asked.append(_asking(node.expression))
        return self._numbers[source]

    def _choice(self, node: IfNode) -> _Choice:
        branches = [(node.condition, self._block(node.consequence))]
        branches += [(each.expression, self._block(each.block)) for each in node.alternatives]
        return _Choice((*branches, (None, self._block(node.default))))

    def _block(self, block: BlockNode | None) -> _Pieces:
        return self._pieces(block.nodes) if block and not block.blank else []


class _Round:
    """The filling in of one mail's texts."""

    def __init__(
        self, template: BoundTemplate, values: Values, asked: "list[Callable[[_Round], object]]"
    ) -> None:
        self.values, self._asked = values, asked
        self.context = template.context_class(template, globals=template.make_globals(dict(values)))
        self._locale = liquid.locale_in(template)
        self._words: list[str | None] = [None] * len(asked)
        self._escaped: list[str | None] = [None] * len(asked)

    def text(self, *, pieces: _Pieces, escapes: bool) -> str:
        parts: list[str] = []
        self._room = liquid.LONGEST
        self._put(pieces, parts, self._escaped_word if escapes else self._word)
        return "".join(parts)

    def _put(self, pieces: _Pieces, parts: list[str], word: Callable[[int], str]) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(piece)
            elif isinstance(piece, int):
                parts.append(word(piece))
                self._room -= len(parts[-1])
                if self._room < 0:
                    raise OutputStreamLimitError("too long", token=None)
            else:
                self._put(self._chosen(piece), parts, word)

    def _chosen(self, choice: _Choice) -> _Pieces:
        return next(
            pieces
            for condition, pieces in choice.branches
            if condition is None or condition.evaluate(self.context)
        )

    def _word(self, number: int) -> str:
        word = self._words[number]
        if word is None:
            word = self._words[number] = formats.shown(self._asked[number](self), self._locale)
        return word

    def _escaped_word(self, number: int) -> str:
        word = self._escaped[number]
        if word is None:
            word = self._escaped[number] = str(escape(self._word(number)))
        return word


def _asking(expression: Expression) -> Callable[[_Round], object]:
    path = _plain_path(expression)
    if path is None:
        return lambda filling: expression.evaluate(filling.context)
    return partial(_looked_up, path=path)


def _plain_path(expression: Expression) -> list[str] | None:
    """Of a placeholder without filters: `["customer", "first_name"]`."""
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return None
    if not isinstance(expression.left, Path):
        return None
    path = expression.left.path
    return [str(each) for each in path] if all(_is_plain(each) for each in path) else None


def _is_plain(segment: object) -> bool:
    return isinstance(segment, str) and segment not in _NOT_PLAIN


def _looked_up(filling: _Round, path: list[str]) -> object:
    found: object = filling.values
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
