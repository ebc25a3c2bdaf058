"""Note of a job in the outbox that the store may have it already."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_outbox_size")]

    operations = [
        migrations.AddField(
            model_name="outboxentry", name="unsure", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(condition=models.Q(("unsure", True)), fields=["id"], name="outbox_unsure"),
        ),
    ]
