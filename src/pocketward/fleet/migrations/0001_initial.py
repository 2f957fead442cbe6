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
            name="InstallationTally",
            fields=[
                ("hour", models.DateTimeField(primary_key=True, serialize=False)),
                ("authorized", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("request_type", models.CharField(max_length=40)),
                ("params", pocketward.spine.fields.EncryptedText()),
                ("lane", models.PositiveSmallIntegerField(default=1)),
                ("state", models.CharField(max_length=15)),
                ("purpose", models.CharField(blank=True, max_length=40)),
                ("destructive", models.BooleanField(default=False)),
                ("alone", models.BooleanField(default=False)),
                ("offered_again", models.BooleanField(default=False)),
                ("authorized_at", models.DateTimeField(null=True)),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("ordered_by", models.CharField(max_length=100)),
                ("ordered_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("not_before", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("turn", models.PositiveIntegerField(default=0)),
                ("had_turn", models.BooleanField(default=False)),
                ("parked", models.BooleanField(default=False)),
                ("offers", models.PositiveIntegerField(default=0)),
                ("not_now_count", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("evidence_digest", models.CharField(blank=True, max_length=64)),
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
            name="CommandProof",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("proof", models.CharField(max_length=15)),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("detail", models.CharField(blank=True, max_length=200)),
                (
                    "command",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.command"
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
            name="Device",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                ("ownership", models.CharField(max_length=10)),
                ("shared", models.BooleanField(default=False)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("udid", models.CharField(blank=True, max_length=80)),
                ("product_name", models.CharField(blank=True, max_length=40)),
                ("supervised", models.BooleanField(null=True)),
                ("last_heard_at", models.DateTimeField(null=True)),
                ("last_network", models.CharField(blank=True, max_length=64)),
                ("lost_case_ref", models.CharField(blank=True, max_length=40)),
                ("lost_at", models.DateTimeField(null=True)),
                ("lost_case_closed_at", models.DateTimeField(null=True)),
                ("held", models.BooleanField(default=False)),
                ("must_report_since", models.DateTimeField(null=True)),
                ("added_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("serial", ""), _negated=True), ("removed_at", None)),
                        fields=("practice", "serial"),
                        name="device_serial_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="command",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.device"
            ),
        ),
        migrations.CreateModel(
            name="DeviceState",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("enrollment_id_now", models.UUIDField()),
                ("facts", models.JSONField(default=dict)),
                ("state_hash", models.CharField(blank=True, max_length=64)),
                ("reported_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField()),
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
                    models.UniqueConstraint(fields=("practice", "device"), name="device_state_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Enrollment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("ticket_digest", models.CharField(max_length=64, unique=True)),
                ("label", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=20)),
                ("ownership", models.CharField(max_length=10)),
                ("shared", models.BooleanField(default=False)),
                ("for_case", models.CharField(blank=True, max_length=40)),
                ("access_rights", models.PositiveIntegerField()),
                ("state", models.CharField(default="ticket", max_length=15)),
                ("udid", models.CharField(blank=True, max_length=80)),
                ("topic", models.CharField(blank=True, max_length=120)),
                ("management_fingerprint", models.CharField(blank=True, max_length=64)),
                ("push_token", pocketward.spine.fields.EncryptedBytes(null=True)),
                ("push_magic", pocketward.spine.fields.EncryptedText(null=True)),
                ("unlock_token", pocketward.spine.fields.EncryptedBytes(null=True)),
                ("token_dead_at", models.DateTimeField(null=True)),
                ("last_pushed_at", models.DateTimeField(null=True)),
                ("made_by", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("profile_fetched_at", models.DateTimeField(null=True)),
                ("authenticated_at", models.DateTimeField(null=True)),
                ("enrolled_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "device",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fleet.device",
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
                "indexes": [models.Index(fields=["practice", "udid"], name="enrollment_by_udid")],
            },
        ),
        migrations.AddField(
            model_name="command",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.enrollment"
            ),
        ),
        migrations.CreateModel(
            name="EraseIntent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("serial", models.CharField(blank=True, max_length=40)),
                ("case_ref", models.CharField(blank=True, max_length=40)),
                ("state", models.CharField(default="open", max_length=12)),
                ("command_id", models.UUIDField()),
                ("acknowledged_fingerprint", models.CharField(blank=True, max_length=64)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("contradicted_at", models.DateTimeField(null=True)),
                ("proven_at", models.DateTimeField(null=True)),
                ("proven_by", models.CharField(blank=True, max_length=40)),
                ("ordered_by", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                        condition=models.Q(("state", "open")),
                        fields=("practice", "device"),
                        name="erase_intent_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GuardOptions",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("per_hour", models.PositiveSmallIntegerField(default=2)),
                ("percent_per_day", models.PositiveSmallIntegerField(default=5)),
                ("least_per_day", models.PositiveSmallIntegerField(default=2)),
                ("ordered_by", models.CharField(max_length=100)),
                ("approved_by", models.CharField(blank=True, max_length=100)),
                ("made_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("effective_from", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("practice", "effective_from"), name="guard_options_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PushRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("request_pem", models.TextField()),
                ("key_digest", models.CharField(max_length=64)),
                ("key_pem", pocketward.spine.fields.EncryptedText(null=True)),
                ("made_by", models.CharField(max_length=100)),
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
                    models.UniqueConstraint(fields=("practice", "number"), name="push_request_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("practice",),
                        name="push_request_waiting_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("topic", models.CharField(max_length=120)),
                ("certificate_pem", models.TextField()),
                ("key_pem", pocketward.spine.fields.EncryptedText()),
                ("apple_account", models.EmailField(blank=True, max_length=254)),
                ("custodian", models.CharField(blank=True, max_length=120)),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("active", models.BooleanField(default=True)),
                ("proven_at", models.DateTimeField(null=True)),
                ("added_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                        condition=models.Q(("active", True)),
                        fields=("practice",),
                        name="push_certificate_active_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("strength", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                (
                    "command",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="fleet.command"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "command", "member"), name="approval_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="command",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "pushed", "delivered"))),
                fields=["enrollment", "lane", "id"],
                name="command_open",
            ),
        ),
        migrations.CreateModel(
            name="UnknownKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("message", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=80)),
                ("count", models.PositiveBigIntegerField(default=1)),
                ("first_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("last_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.UniqueConstraint(fields=("practice", "message", "key"), name="unknown_key_once")
                ],
            },
        ),
        PracticeRules("fleet"),
    ]
