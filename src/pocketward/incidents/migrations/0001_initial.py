import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
import pocketward.spine.fields
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("year", models.PositiveSmallIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(default="lost_device", max_length=20)),
                ("state", models.CharField(default="open", max_length=10)),
                ("member_name", models.CharField(blank=True, max_length=120)),
                ("labels", models.JSONField(default=list)),
                ("device_ids", models.JSONField(default=list)),
                ("outcome", models.CharField(max_length=20)),
                ("discovered_at", models.DateTimeField()),
                ("discovered_why", models.CharField(max_length=200)),
                ("verdict", models.CharField(default="presumed_breach", max_length=20)),
                ("verdict_reason", pocketward.spine.fields.EncryptedText(null=True)),
                ("verdict_by", models.CharField(blank=True, max_length=100)),
                ("verdict_at", models.DateTimeField(null=True)),
                ("lead", models.CharField(blank=True, max_length=100)),
                ("opened_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("practice", "case_ref"), name="case_once"),
                    models.UniqueConstraint(fields=("practice", "year", "number"), name="case_number_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreachDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("verdict", models.CharField(max_length=20)),
                ("reason", pocketward.spine.fields.EncryptedText()),
                ("reason_key", pocketward.spine.fields.EncryptedBytes()),
                ("decided_by", models.CharField(max_length=100)),
                ("decided_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.case"
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
            },
        ),
        migrations.CreateModel(
            name="DiscoveryCandidate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("source", models.CharField(max_length=200)),
                ("added_by", models.CharField(max_length=100)),
                ("chosen", models.BooleanField(default=False)),
                ("reason", pocketward.spine.fields.EncryptedText(null=True)),
                ("reason_key", pocketward.spine.fields.EncryptedBytes(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.case"
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
                    models.UniqueConstraint(
                        condition=models.Q(("reason_key__isnull", True)),
                        fields=("practice", "case", "at", "source"),
                        name="candidate_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExposureAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("question", models.CharField(max_length=40)),
                ("answer", models.CharField(max_length=10)),
                ("detail", pocketward.spine.fields.EncryptedText(null=True)),
                ("source", models.CharField(max_length=120)),
                ("observed_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(max_length=100)),
                ("answered_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="incidents.case"
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
                    models.UniqueConstraint(fields=("practice", "case", "question"), name="exposure_once")
                ],
            },
        ),
        PracticeRules("incidents"),
    ]
