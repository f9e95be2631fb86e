"""A model as a text file: taken out, changed in an editor, looked at, made the draft, and equal when taken out again."""

from lifecycle.models import ModelVersion, Rule
from tests.lifecycle.test_model_files import PAGE, client, exported

__all__ = ["client"]


def test_a_file_is_looked_at_then_becomes_the_draft(client):
    text = exported(client).replace('"days": 180', '"days": 90')
    rules = set(Rule.objects.values_list("pk", flat=True))

    looked = client.post(f"{PAGE}draft/file/", {"content": text, "look": "yes"})
    assert "Last purchase over 90 days ago" in looked.content.decode()
    assert not ModelVersion.objects.filter(status="draft").exists()
    client.post(
        f"{PAGE}draft/file/",
        {
            "content": text.replace("\n", "\r\n"),
            "save": "yes",
            "read": looked.context["form"]["read"].value(),
        },
    )

    assert exported(client, "?version=draft") == text
    assert {rule.origin_id for rule in ModelVersion.objects.get(number=2).rules.all()} == rules
    page = client.get(f"{PAGE}differences/?before=1&after=2").content.decode()
    assert "From version 1 to version 2" in page
    assert "Last purchase over 90 days ago" in page
