from django.utils.translation import get_language

# {"en": "Discovery", "sv": "Upptäckt", "original": "Upptäckt"}: a language code, or the guide's own word.
Labels = dict[str, str]


def label_of(labels: Labels) -> str:
    """In the reader's language, else English, else the guide's own word."""
    language = (get_language() or "en").partition("-")[0]
    return labels.get(language) or labels.get("en") or labels.get("original") or ""
