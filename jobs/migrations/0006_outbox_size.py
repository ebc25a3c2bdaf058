from typing import Any

from django.db import migrations, models
from django.db.models.functions import Length


def measure(apps: Any, schema_editor: Any) -> None:
    """Write down how large the requests are that lie there already."""
    entries = apps.get_model("jobs", "OutboxEntry").objects.using(schema_editor.connection.alias)
    entries.update(size=Length("request"))


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0005_outbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxentry",
            name="size",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.RunPython(measure, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="outboxentry", name="outbox_waiting"),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("refused", "")),
                fields=["id", "size", "accepted_ms", "refused"],
                name="outbox_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("refused", ""), _negated=True),
                fields=["id", "size", "refused"],
                name="outbox_refused",
            ),
        ),
    ]
