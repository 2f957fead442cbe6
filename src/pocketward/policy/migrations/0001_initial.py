import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("author", models.CharField(max_length=100)),
                ("reason", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "number"), name="policy_version_once")
                ],
            },
        ),
        PracticeRules("policy"),
    ]
