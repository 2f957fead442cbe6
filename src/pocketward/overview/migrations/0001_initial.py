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
            name="CaseRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=10)),
                ("number", models.CharField(blank=True, max_length=20)),
                ("is_open", models.BooleanField(default=True)),
                ("state", models.CharField(max_length=10)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("verdict", models.CharField(blank=True, max_length=20)),
                ("labels", models.JSONField(default=list)),
                ("is_erased", models.BooleanField(default=False)),
                ("said", pocketward.spine.fields.EncryptedText(null=True)),
                ("search", models.CharField(max_length=600)),
                ("lead", models.CharField(blank=True, max_length=120)),
                ("limit_on", models.DateField(null=True)),
                ("called_since", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["practice", "is_open", "opened_at"], name="overview_case_order")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "case_ref"), name="overview_case_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("label_key", models.CharField(max_length=300)),
                ("person", models.CharField(blank=True, max_length=120)),
                ("person_key", models.CharField(blank=True, max_length=300)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("search", models.CharField(max_length=400)),
                ("kind", models.CharField(max_length=20)),
                ("ownership", models.CharField(max_length=10)),
                ("shared", models.BooleanField(default=False)),
                ("enrollment_state", models.CharField(blank=True, max_length=15)),
                ("heard_at", models.DateTimeField(null=True)),
                ("lost_at", models.DateTimeField(null=True)),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("settled", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("failing", models.CharField(blank=True, max_length=40)),
                ("failing_code", models.CharField(blank=True, max_length=60)),
                ("silent_at", models.DateTimeField(null=True)),
                ("stale_at", models.DateTimeField(null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
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
                "indexes": [
                    models.Index(fields=["practice", "label_key"], name="overview_device_label"),
                    models.Index(fields=["practice", "person_key"], name="overview_device_person"),
                    models.Index(fields=["practice", "heard_at"], name="overview_device_heard"),
                    models.Index(fields=["practice", "member"], name="overview_device_member"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "device"), name="overview_device_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FrozenList",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("device_ids", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "digest"), name="overview_frozen_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("full_name", models.CharField(max_length=120)),
                ("name_key", models.CharField(max_length=300)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("search", models.CharField(max_length=600)),
                ("roles", models.JSONField(default=list)),
                ("can_sign_in", models.BooleanField(default=False)),
                ("phones", models.PositiveIntegerField(default=0)),
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
                "indexes": [models.Index(fields=["practice", "name_key"], name="overview_person_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "member"), name="overview_person_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticeRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("people", models.PositiveIntegerField(default=0)),
                ("phones", models.PositiveIntegerField(default=0)),
                ("open_cases", models.PositiveIntegerField(default=0)),
                ("vacant_roles", models.JSONField(default=list)),
                ("push_expires_at", models.DateTimeField(null=True)),
                ("opening_roles", models.JSONField(default=list)),
                ("may_open", models.PositiveIntegerField(default=0)),
                ("reviews", models.JSONField(default=list)),
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
                "constraints": [models.UniqueConstraint(fields=("practice",), name="overview_practice_once")],
            },
        ),
        PracticeRules("overview"),
    ]
