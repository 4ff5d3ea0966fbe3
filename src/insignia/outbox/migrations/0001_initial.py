import django.db.models.deletion
import insignia.foundation.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('foundation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('minute', models.DateTimeField()),
                ('taken', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization_id', models.UUIDField()),
                ('kind', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=5)),
                ('subject', models.CharField(max_length=160)),
                ('body', models.TextField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'kind', 'language'), name='lettertext_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=200)),
                ('recipient', models.EmailField(max_length=254)),
                ('language', models.CharField(max_length=5)),
                ('data_key', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.datakey')),
                ('sealed_context', models.BinaryField()),
                ('message_id', models.CharField(max_length=200)),
                ('organization_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('not_before', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('abandoned_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('abandoned_at__isnull', True), ('sent_at__isnull', True)), fields=['next_try_at', 'id'], name='message_due'), models.Index(condition=models.Q(('abandoned_at__isnull', False)), fields=['organization_id', '-abandoned_at'], name='message_undelivered')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='message_key_once')],
            },
        ),
        migrations.CreateModel(
            name='Bounce',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('address', models.CharField(max_length=254)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outbox.message')),
                ('code', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('cleared_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('address',), name='bounce_open_once')],
            },
        ),
        migrations.CreateModel(
            name='Unsubscription',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('address', models.CharField(max_length=254)),
                ('topic', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('address', 'topic'), name='unsubscription_once')],
            },
        ),
    ]
