import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
import pocketward.spine.models
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
            name="SnapshotCounter",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="App",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("door", models.CharField(default="proxied", max_length=20)),
                ("hosts", models.JSONField(default=list)),
                ("paths", models.JSONField(default=list)),
                ("mode", models.CharField(default="enforce", max_length=8)),
                ("url", models.CharField(blank=True, max_length=200)),
                ("session_hours", models.PositiveSmallIntegerField(default=12)),
                ("added_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("removed_at", None)),
                        fields=("practice", "name"),
                        name="app_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionMinute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("decision_id", models.UUIDField()),
                ("minute", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("last_at", models.DateTimeField()),
                ("sealed", models.BooleanField(default=False)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "db_table": "access_decision_minute",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["practice", "sealed", "minute"], name="decision_minute_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "decision_id", "minute"), name="decision_minute_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=15)),
                ("would_have", models.CharField(blank=True, max_length=15)),
                ("mode", models.CharField(max_length=8)),
                ("rule", models.CharField(blank=True, max_length=80)),
                ("codes", models.JSONField(default=list)),
                ("client", models.CharField(max_length=12)),
                ("resource", models.CharField(blank=True, max_length=10)),
                ("network", models.CharField(blank=True, max_length=64)),
                ("member_id", models.UUIDField(null=True)),
                ("device_id", models.UUIDField(null=True)),
                ("app_id", models.UUIDField(null=True)),
                ("policy_digest", models.CharField(blank=True, max_length=64)),
                ("stored", models.BinaryField()),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "db_table": "access_decision",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["practice", "made_at"], name="decision_by_time"),
                    models.Index(fields=["practice", "device_id", "made_at"], name="decision_by_device"),
                    models.Index(fields=["practice", "member_id", "made_at"], name="decision_by_member"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("ownership", models.CharField(default="personal", max_length=10)),
                ("shared", models.BooleanField(default=False)),
                ("holder", models.CharField(blank=True, max_length=36)),
                ("posture", models.CharField(default="unknown", max_length=15)),
                ("checks", models.JSONField(default=list)),
                ("fresh_until", models.DateTimeField(null=True)),
                ("last_heard", models.DateTimeField(null=True)),
                ("lost", models.BooleanField(default=False)),
                ("must_report_since", models.DateTimeField(null=True)),
                ("fingerprints", models.JSONField(default=list)),
                ("serials", models.JSONField(default=list)),
                ("certificate_state", models.CharField(default="none", max_length=10)),
                ("open", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "device"), name="device_access_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencyGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=30)),
                ("strength", models.CharField(max_length=20)),
                ("device_id_used", models.UUIDField(null=True)),
                ("opened_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("read_by", models.UUIDField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("reviewed_by", models.UUIDField(null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("finding", models.CharField(blank=True, max_length=20)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.app"
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
                "indexes": [models.Index(fields=["practice", "reviewed_at"], name="emergency_to_review")],
            },
        ),
        migrations.CreateModel(
            name="GateAlarm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("happened_at", models.DateTimeField()),
                ("host", models.CharField(blank=True, max_length=253)),
                ("network_digest", models.CharField(blank=True, max_length=16)),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "db_table": "access_gate_alarm",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["practice", "happened_at"], name="gate_alarm_by_time")],
            },
        ),
        migrations.CreateModel(
            name="GateSession",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("strength", models.CharField(max_length=20)),
                ("auth_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("sign_in", models.BigIntegerField(null=True)),
                ("device_id_seen", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=100)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.app"
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
                "indexes": [models.Index(fields=["practice", "member"], name="gate_session_by_member")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(max_length=200)),
                ("placed_by", models.CharField(max_length=100)),
                ("placed_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("lifted_by", models.CharField(blank=True, max_length=100)),
                ("lifted_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("practice", "device", "case_ref"),
                        name="hold_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("zone", models.CharField(max_length=64)),
                ("cidrs", models.JSONField(default=list)),
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
                    models.UniqueConstraint(fields=("practice", "zone"), name="network_zone_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OneTimeCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("strength", models.CharField(max_length=20)),
                ("auth_at", models.DateTimeField()),
                ("sign_in", models.BigIntegerField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.app"
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
            name="Permit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("network", models.CharField(max_length=64)),
                ("given_by", models.CharField(max_length=100)),
                ("reason", models.CharField(max_length=200)),
                ("given_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.app"
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
            name="RulesVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("rules", models.TextField()),
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
                    models.UniqueConstraint(fields=("practice", "number"), name="rules_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SnapshotRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("key", models.CharField(max_length=64)),
                ("version", models.BigIntegerField(default=1)),
                ("deleted", models.BooleanField(default=False)),
                ("body", models.BinaryField(default=b"")),
                ("stamp", models.BigIntegerField(default=0)),
                ("xid", models.BigIntegerField(db_default=pocketward.spine.models.TransactionNumber())),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "db_table": "access_snapshot_row",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["stamp"], name="snapshot_by_stamp"),
                    models.Index(fields=["xid"], name="snapshot_by_xid"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "kind", "key"), name="snapshot_row_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AppHost",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("host", models.CharField(max_length=253, unique=True)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.app"
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
        PracticeRules("access"),
    ]
