from typing import Any

import django.db.models.functions.comparison
from django.db import migrations, models


def try_only(apps: Any, schema_editor: Any) -> None:
    """Of policies that act on the same Deployment let the first one go on, and the others be tried only."""
    policies = apps.get_model("scaling", "ScalingPolicy").objects.using(schema_editor.connection.alias)
    taken = set()
    for policy in policies.filter(actuator="kubernetes", enabled=True, dry_run=False).order_by("id"):
        deployment = (policy.namespace, policy.deployment or policy.pool)
        if deployment in taken:
            policies.filter(pk=policy.pk).update(dry_run=True)
        taken.add(deployment)


class Migration(migrations.Migration):
    dependencies = [
        ("scaling", "0003_stabilization"),
    ]

    operations = [
        migrations.RunPython(try_only, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="scalingpolicy",
            constraint=models.UniqueConstraint(
                models.F("namespace"),
                django.db.models.functions.comparison.Coalesce(
                    django.db.models.functions.comparison.NullIf(models.F("deployment"), models.Value("")),
                    models.F("pool"),
                ),
                condition=models.Q(("actuator", "kubernetes"), ("dry_run", False), ("enabled", True)),
                name="one_policy_a_deployment",
                violation_error_message="Another policy scales this Deployment already.",
            ),
        ),
    ]
