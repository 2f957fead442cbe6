import pocketward.spine.fields
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("signed_at", models.DateTimeField()),
                ("note", models.BinaryField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "number"), name="checkpoint_number"),
                    models.UniqueConstraint(fields=("practice_id", "size"), name="checkpoint_size"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FullTile",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "level", "index"), name="full_tile_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("origin", models.CharField(max_length=200)),
                ("public_key", models.BinaryField()),
                ("signing_key", pocketward.spine.fields.EncryptedBytes()),
                ("size", models.BigIntegerField(default=0)),
                ("frontier", models.BinaryField(default=b"")),
                ("low_water", models.BigIntegerField(default=0)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("practice_id",), name="ledger_head_once")],
            },
        ),
        migrations.CreateModel(
            name="SealedEntry",
            fields=[
                ("practice_id", models.UUIDField(editable=False)),
                ("event_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("index", models.BigIntegerField()),
                ("batch", models.BigIntegerField()),
                ("leaf", models.BinaryField()),
                ("key", pocketward.spine.fields.EncryptedBytes(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("practice_id", "index"), name="sealed_entry_index")
                ],
            },
        ),
        PracticeRules("ledger"),
    ]
