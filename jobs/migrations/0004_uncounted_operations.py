from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_audit_trail")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["status", "action", "at", "id"],
                name="audit_uncounted",
                condition=models.Q(count__isnull=True),
            ),
        ),
    ]
