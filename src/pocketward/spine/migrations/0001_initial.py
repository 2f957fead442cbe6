import pocketward.kernel.clock
import pocketward.kernel.ids
import pocketward.spine.models
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="EventRow",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField()),
                ("kind", models.CharField(max_length=80)),
                ("version", models.PositiveSmallIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=100)),
                ("subject", models.CharField(blank=True, max_length=100)),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("body", models.BinaryField()),
                ("xid", models.BigIntegerField(db_default=pocketward.spine.models.TransactionNumber())),
            ],
            options={
                "db_table": "spine_event",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["practice_id", "subject", "seq"], name="event_by_subject"),
                    models.Index(fields=["practice_id", "case_ref", "seq"], name="event_by_case"),
                    models.Index(fields=["practice_id", "xid", "seq"], name="event_by_transaction"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "event_id"), name="event_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=80)),
                ("media_type", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("sealed", models.BinaryField(null=True)),
                ("kept_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "digest"), name="evidence_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=80)),
                ("payload", models.JSONField(default=dict)),
                ("event_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="ready", max_length=8)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("key", models.CharField(max_length=120, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["not_before"], name="job_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "leased")), fields=["leased_until"], name="job_leases"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("ready", "leased"))),
                        fields=("practice_id", "key"),
                        name="job_key_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorTask",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("sentence", models.CharField(max_length=300)),
                ("opened_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("practice_id", "key"),
                        name="operator_task_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticeKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("practice_id", models.UUIDField()),
                ("generation", models.PositiveSmallIntegerField(default=1)),
                ("wrapped_practice_key", models.BinaryField()),
                ("wrapped_data_key", models.BinaryField()),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "generation"), name="practice_key_once")
                ],
            },
        ),
        PracticeRules("spine"),
    ]
