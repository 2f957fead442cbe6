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
            name="AccessHold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("device_id", models.UUIDField()),
                ("held_for", models.CharField(blank=True, max_length=40)),
                ("placed_by", models.CharField(max_length=100)),
                ("placed_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
                ("lifted_at", models.DateTimeField(null=True)),
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
                        fields=("practice", "device_id", "held_for"),
                        name="access_hold_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("root_der", models.BinaryField()),
                ("root_key", pocketward.spine.fields.EncryptedBytes()),
                ("issuing_der", models.BinaryField()),
                ("issuing_key", pocketward.spine.fields.EncryptedBytes()),
                ("access_der", models.BinaryField()),
                ("access_key", pocketward.spine.fields.EncryptedBytes()),
                ("registration_der", models.BinaryField()),
                ("access_registration_der", models.BinaryField()),
                ("registration_key", pocketward.spine.fields.EncryptedBytes()),
                ("crl_number", models.PositiveIntegerField(default=0)),
                ("crl_der", models.BinaryField(null=True)),
                ("crl_made_at", models.DateTimeField(null=True)),
                ("crl_stale", models.BooleanField(default=True)),
                ("legacy_allowed", models.BooleanField(default=False)),
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
                "constraints": [models.UniqueConstraint(fields=("practice",), name="authority_once")],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("serial_hex", models.CharField(max_length=40)),
                ("fingerprint", models.CharField(max_length=64)),
                ("purpose", models.CharField(max_length=15)),
                ("enrollment_id", models.UUIDField(null=True)),
                ("device_id", models.UUIDField(null=True)),
                ("der", models.BinaryField()),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("state", models.CharField(default="valid", max_length=8)),
                ("held_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("issued_at", models.DateTimeField(default=pocketward.kernel.clock.now)),
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
                    models.Index(fields=["practice", "device_id"], name="certificate_by_device"),
                    models.Index(fields=["practice", "enrollment_id"], name="certificate_by_enrollment"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "serial_hex"), name="certificate_serial_once"
                    ),
                    models.UniqueConstraint(fields=("practice", "fingerprint"), name="certificate_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("purpose", models.CharField(max_length=15)),
                ("enrollment_id", models.UUIDField()),
                ("device_id", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("spent_at", models.DateTimeField(null=True)),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("spent_at", None)), fields=["expires_at"], name="challenge_open"
                    )
                ],
            },
        ),
        PracticeRules("pki"),
    ]
