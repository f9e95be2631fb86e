"""Texts that are translated when their module is imported, so that everybody reads them in one language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from clm.local.extraction import python_files

AT_ONCE = {"gettext", "ngettext", "pgettext", "npgettext"}
LATER = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def findings(checkout: Path) -> Iterator[str]:
    for path in python_files(checkout):
        for line in frozen(path.read_text()):
            yield f"{path.relative_to(checkout)}:{line}: translated at import; use the lazy function here."


def frozen(code: str) -> list[int]:
    """The lines where gettext, not its lazy twin, is called outside every function."""
    tree = ast.parse(code)
    eager = {
        name.asname or name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in AT_ONCE
    }
    return [call.lineno for call in _calls(tree) if isinstance(call.func, ast.Name) and call.func.id in eager]


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """Those that run when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, LATER):
            yield from _calls(child)
