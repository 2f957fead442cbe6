import django.db.models.deletion
import pocketward.kernel.clock
import pocketward.kernel.ids
from django.db import migrations, models
from pocketward.spine.operations import PracticeRules


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('practice', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PendingChange',
            fields=[
                ('id', models.UUIDField(default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=12)),
                ('payload', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('based_on', models.CharField(max_length=64)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('closes', models.PositiveIntegerField()),
                ('lately', models.PositiveIntegerField(default=0)),
                ('of', models.PositiveIntegerField()),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('ordered_by', models.UUIDField()),
                ('ordered_at', models.DateTimeField(default=pocketward.kernel.clock.now)),
                ('approved_by', models.UUIDField(null=True)),
                ('effective_from', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='practice.practice')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'approved'))), fields=('practice', 'digest'), name='pending_change_once')],
            },
        ),
        migrations.CreateModel(
            name='ClosedPhone',
            fields=[
                ('id', models.UUIDField(default=pocketward.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('device_id', models.UUIDField()),
                ('what', models.CharField(max_length=12)),
                ('closed_by', models.UUIDField()),
                ('closed_at', models.DateTimeField(default=pocketward.kernel.clock.now)),
                ('practice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='practice.practice')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['practice', 'closed_at'], name='closed_phone_by_time')],
            },
        ),
        PracticeRules("rollout"),
    ]
