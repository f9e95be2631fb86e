"""The language of placeholders, `{{ customer.first_name | default: "friend" }}`: Liquid, hardened.

Values are plain (texts, numbers, dates) and come from a dictionary; nothing can be called. Only the tags and filters
named here exist, work and output are limited, and everything printed into HTML is escaped, also what the author
wrote inside the braces.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TextIO

from babel import Locale
from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, Mode
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.static_analysis import TemplateAnalysis
from markupsafe import escape

from campaigns.rendering import formats
from campaigns.rendering.fields import nearest, placeholder
from campaigns.rendering.filters import filters

TAGS = ("if", "unless", "case", "for", "break", "continue", "assign", "comment")
_NEEDED = {"content", "output", "illegal", *TAGS}
LONGEST = 1_000_000
PIECE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)

Values = Mapping[str, Mapping[str, Any]]


class CannotRender(ValueError):
    """The text can't be filled in for this customer; says why."""


class _PlainNode(OutputNode):
    def render_to_output(self, context: Any, buffer: TextIO) -> int:
        return buffer.write(formats.shown(self.expression.evaluate(context), context.env.locale))


class _EscapedNode(OutputNode):
    def render_to_output(self, context: Any, buffer: TextIO) -> int:
        return buffer.write(escape(formats.shown(self.expression.evaluate(context), context.env.locale)))


class _Plain(Output):
    node_class = _PlainNode


class _Escaped(Output):
    node_class = _EscapedNode


class _Hardened(Environment):
    context_depth_limit = 8
    block_nesting_limit = 8
    loop_iteration_limit = 500
    local_namespace_limit = 100_000
    output_stream_limit = LONGEST
    locale: Locale


@lru_cache(maxsize=64)
def environment(language: str, currency: str, *, escapes: bool) -> Environment:
    # Its own escaping trusts what the author wrote inside the braces; ours trusts nothing.
    made = _Hardened(tolerance=Mode.STRICT, strict_filters=True, autoescape=False)
    made.locale = locale_of(language)
    made.add_tag(_Escaped if escapes else _Plain)
    made.tags = {name: tag for name, tag in made.tags.items() if name in _NEEDED}
    made.filters = filters(made.locale, currency)
    return made


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except ValueError:
        return Locale("en")


def locale_in(template: BoundTemplate) -> Locale:
    """The one that a parsed text is written in."""
    return template.env.locale if isinstance(template.env, _Hardened) else Locale("en")


def parsed(source: str, language: str, currency: str, *, escapes: bool) -> BoundTemplate:
    """Raises CannotRender for what is not Liquid."""
    try:
        return environment(language, currency, escapes=escapes).from_string(source)
    except (LiquidError, RecursionError) as error:
        raise CannotRender(told(error)) from error


def filled(template: BoundTemplate, values: Values) -> str:
    try:
        return template.render(**values)
    except (LiquidError, RecursionError) as error:
        raise CannotRender(told(error)) from error


def told(error: Exception) -> str:
    """Liquid's own words, which name the place, under a sentence of ours."""
    reason = str(getattr(error, "message", "") or error).splitlines()
    return _("A placeholder is not understood: %(reason)s.") % {
        "reason": reason[0].strip().rstrip(".") if reason else type(error).__name__
    }


def problems(source: str) -> Iterator[str]:
    """What is wrong with the placeholders of one text, each as a sentence with the cure."""
    for tag in unknown_tags(source):
        yield _("The tag “%(tag)s” is not one of ours. Use: %(known)s.") % {
            "tag": tag,
            "known": ", ".join(TAGS),
        }
        return
    try:
        template = parsed(source, "en", "EUR", escapes=True)
        analysis = template.analyze(include_partials=False)
    except (CannotRender, LiquidError) as error:
        yield str(error) if isinstance(error, CannotRender) else told(error)
        return
    if any(isinstance(each, RangeLiteral) for each in _expressions(template)):
        yield _("Ranges such as (1..5) are not possible here.")
    yield from _unknown_names(analysis)


def unknown_tags(source: str) -> list[str]:
    found = re.findall(r"\{%-?\s*([^\s%]*)", source)
    known = {*TAGS, "else", "elsif", "when", *(f"end{tag}" for tag in TAGS)}
    return [tag for tag in found if tag not in known]


def _unknown_names(analysis: TemplateAnalysis) -> Iterator[str]:
    known = environment("en", "EUR", escapes=True).filters
    for name in analysis.filters:
        if name not in known:
            yield _("There is no filter “%(name)s”. Known: %(known)s.") % {
                "name": name,
                "known": ", ".join(sorted(known)),
            }
    for variables in analysis.globals.values():
        for variable in variables:
            if not placeholder(variable.segments):
                yield _unknown_placeholder(str(variable))


def _unknown_placeholder(name: str) -> str:
    near = nearest(name)
    if near:
        return _("Unknown placeholder {{ %(name)s }}. Did you mean {{ %(near)s }}?") % {
            "name": name,
            "near": near,
        }
    return _("Unknown placeholder {{ %(name)s }}.") % {"name": name}


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    context, nodes = RenderContext(template), list(template.nodes)
    while nodes:
        node = nodes.pop()
        yield from _within(node.expressions())
        nodes += node.children(context, include_partials=False)


def _within(expressions: Any) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _within(expression.children())
