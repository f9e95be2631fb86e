"""`make messages` and the check of the translations.

python -m clm.local.translations merge [da ...]    take in new source strings, compile
python -m clm.local.translations compile [da ...]
python -m clm.local.translations marks             texts that no translator ever sees
python -m clm.local.translations check [da ...]    that, and whether the catalogs are complete
"""

import argparse
import sys
from pathlib import Path

from clm.local import catalogs, extraction, frozen, unmarked
from clm.local.places import CHECKOUT

MOST_SHOWN = 40


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    languages = asked.languages or list(catalogs.LANGUAGES)
    if asked.verb in ("marks", "check"):
        return _check([] if asked.verb == "marks" else languages)
    if asked.verb == "merge":
        source = extraction.source_strings()
        for language in languages:
            catalogs.merge(language, source)
    for language in languages:
        catalogs.compile_catalog(language)
        print(f"{language}: {_progress(language)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clm.local.translations", description="Texts in five languages."
    )
    parser.add_argument("verb", choices=["merge", "compile", "marks", "check"])
    parser.add_argument("languages", nargs="*", metavar="language", help="da, sv, nl, de; default: all")
    return parser


def _progress(language: str) -> str:
    messages = [message for message in catalogs.read(language) if message.id]
    done = sum(all(catalogs.forms(message)) and not message.fuzzy for message in messages)
    return f"{done} of {len(messages)} strings translated"


def _check(languages: list[str], checkout: Path = CHECKOUT) -> int:
    found = [*unmarked.findings(checkout), *frozen.findings(checkout)]
    if languages:
        source = extraction.source_strings(checkout)
        found += [fault for each in languages for fault in catalogs.findings(each, source, checkout)]
    for finding in found[:MOST_SHOWN]:
        print(finding)
    if len(found) > MOST_SHOWN:
        print(f"... and {len(found) - MOST_SHOWN} more")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
