import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
import pocketward.spine.fields
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
            name="LocationAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("command_id", models.UUIDField()),
                ("reason", pocketward.spine.fields.EncryptedText()),
                ("reason_key", pocketward.spine.fields.EncryptedBytes()),
                ("notice_version", models.PositiveSmallIntegerField()),
                ("asked_by", models.CharField(max_length=100)),
                ("asked_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("evidence_digest", models.CharField(blank=True, max_length=64)),
                ("erased_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("practice", "command_id"), name="location_ask_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LocationView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("purpose", pocketward.spine.fields.EncryptedText()),
                ("purpose_key", pocketward.spine.fields.EncryptedBytes()),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                (
                    "ask",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="response.locationask",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.workforcemember",
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
            name="LossReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("kind", models.CharField(default="lost", max_length=10)),
                ("outcome", models.CharField(max_length=20)),
                ("automatic", models.BooleanField(default=False)),
                ("said", pocketward.spine.fields.EncryptedText()),
                ("callback", pocketward.spine.fields.EncryptedText()),
                ("when_seen", models.CharField(max_length=10)),
                ("network", models.CharField(max_length=64)),
                ("member_id_matched", models.UUIDField(null=True)),
                ("device_ids", models.JSONField(default=list)),
                ("reported_by", models.CharField(max_length=100)),
                ("reported_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("confirmed_by", models.CharField(blank=True, max_length=100)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("restored_by", models.CharField(blank=True, max_length=100)),
                ("restored_at", models.DateTimeField(null=True)),
                ("restored_how", models.CharField(blank=True, max_length=20)),
                ("restore_tries", models.PositiveSmallIntegerField(default=0)),
                ("sightings", models.PositiveIntegerField(default=0)),
                ("sighted_at", models.DateTimeField(null=True)),
                ("case_closed_at", models.DateTimeField(null=True)),
                ("form", models.CharField(blank=True, max_length=64)),
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
                "indexes": [models.Index(fields=["practice", "reported_at"], name="loss_report_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "sighting"), _negated=True),
                        fields=("practice", "case_ref"),
                        name="loss_report_case_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("playbook", models.CharField(max_length=40)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("step", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=120)),
                ("who", models.CharField(max_length=20)),
                ("position", models.PositiveSmallIntegerField()),
                ("state", models.CharField(default="waiting", max_length=15)),
                ("receipt", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(blank=True, max_length=100)),
                ("due_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "case_ref", "step"), name="step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("rank", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=40)),
                ("raised_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("mail_state", models.CharField(default="not_configured", max_length=20)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("taken_by", models.UUIDField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.workforcemember",
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
                        fields=("practice", "case_ref", "reason", "member"), name="alert_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ColleagueCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
                ("spent_for", models.CharField(blank=True, max_length=40)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.workforcemember",
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
                    models.UniqueConstraint(fields=("practice", "digest"), name="colleague_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DoorReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("app_id", models.UUIDField()),
                ("app_name", models.CharField(max_length=80)),
                ("door", models.CharField(max_length=20)),
                ("is_closed", models.BooleanField(default=False)),
                ("milliseconds", models.PositiveIntegerField(null=True)),
                ("sentence", models.CharField(max_length=300)),
                ("by", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "case_ref", "app_id"), name="door_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="EraseChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("command_id", models.UUIDField()),
                ("advised", models.CharField(max_length=20)),
                ("sentence", models.CharField(max_length=200)),
                ("reasons", models.JSONField(default=list)),
                ("chosen", models.CharField(max_length=20)),
                ("by", models.CharField(max_length=100)),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "command_id"), name="erase_choice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FrozenFacts",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("facts", pocketward.spine.fields.EncryptedText()),
                ("frozen_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "case_ref", "device"), name="frozen_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StepReason",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", pocketward.spine.fields.EncryptedText()),
                ("reason_key", pocketward.spine.fields.EncryptedBytes()),
                ("by", models.CharField(max_length=100)),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="response.step"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        PracticeRules("response"),
    ]
