import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("fleet", "0001_initial"),
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseFeedRow",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("published_at", models.DateTimeField()),
                ("imported_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="DevicePosture",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("posture", models.CharField(max_length=15)),
                ("checks", models.JSONField(default=list)),
                ("fresh_until", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("device_kind", models.CharField(max_length=20)),
                ("ownership", models.CharField(max_length=10)),
                ("shared", models.BooleanField(default=False)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"
                    ),
                ),
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
                    models.UniqueConstraint(fields=("practice", "device"), name="device_posture_once")
                ],
            },
        ),
        PracticeRules("posture"),
    ]
