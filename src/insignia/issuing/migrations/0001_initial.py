import django.db.models.deletion
import insignia.foundation.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('foundation', '0001_initial'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('kind', models.CharField(max_length=32)),
                ('subject_id', models.UUIDField()),
                ('granted_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'kind', 'subject_id'), name='approval_once')],
            },
        ),
        migrations.CreateModel(
            name='Issuer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('origin', models.CharField(max_length=255)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('image', models.URLField(blank=True, max_length=500)),
                ('language', models.CharField(default='en', max_length=16)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('origin', ''), _negated=True), name='issuer_origin_is_set')],
            },
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='issuing.issuer')),
                ('algorithm', models.CharField(choices=[('Ed25519', 'Ed25519'), ('P-256', 'P-256')], max_length=16)),
                ('public_jwk', models.JSONField()),
                ('public_multibase', models.CharField(max_length=200)),
                ('sealed_private', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('compromised_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('issuer', 'algorithm'), name='signingkey_one_active_per_algorithm'), models.UniqueConstraint(fields=('public_multibase',), name='signingkey_once'), models.CheckConstraint(condition=models.Q(('compromised_at__isnull', True), ('retired_at__isnull', False), _connector='OR'), name='signingkey_compromised_is_retired')],
            },
        ),
        migrations.CreateModel(
            name='StatusSet',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_sets', to='issuing.issuer')),
                ('number', models.PositiveIntegerField(default=1)),
                ('length', models.PositiveIntegerField(default=131072)),
                ('reserved', models.PositiveIntegerField(default=0)),
                ('sealed_order', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('issuer', 'number'), name='statusset_number_once'), models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('reserved__lte', models.F('length'))), name='statusset_within_length'), models.CheckConstraint(condition=models.Q(('length__gte', 131072), ('length__lte', 134217728)), name='statusset_length_allowed')],
            },
        ),
        migrations.CreateModel(
            name='DocumentShape',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('issuer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.issuer')),
                ('status_set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.statusset')),
                ('ed25519_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.signingkey')),
                ('p256_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.signingkey')),
                ('name', models.CharField(max_length=64)),
                ('compiled', models.BinaryField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('issuer', 'status_set', 'ed25519_key', 'p256_key', 'name'), name='documentshape_once')],
            },
        ),
        migrations.CreateModel(
            name='StatusList',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('status_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='issuing.statusset')),
                ('purpose', models.CharField(choices=[('revocation', 'revoked for good'), ('suspension', 'paused for now'), ('refresh', 'replaced by a newer document')], max_length=16)),
                ('bits', models.BinaryField()),
                ('event_count', models.PositiveIntegerField(default=0)),
                ('epoch', models.PositiveIntegerField(default=0)),
                ('published_events', models.PositiveIntegerField(default=0)),
                ('document', models.BinaryField(default=b'')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('valid_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('status_set', 'purpose'), name='statuslist_purpose_once'), models.CheckConstraint(condition=models.Q(('published_events__lte', models.F('event_count'))), name='statuslist_publishes_what_happened')],
            },
        ),
        migrations.CreateModel(
            name='StatusSlot',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('status_set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='issuing.statusset')),
                ('index', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('reserved', 'reserved'), ('issued', 'issued'), ('burned', 'burned')], default='reserved', max_length=16)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('index', 'status_set'), name='statusslot_index_once'), models.CheckConstraint(condition=models.Q(('index__gte', 0), ('index__lt', 134217728)), name='statusslot_within_length')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('issuer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.issuer')),
                ('data_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.datakey')),
                ('origin_kind', models.CharField(max_length=32)),
                ('origin_id', models.UUIDField()),
                ('award_public_id', models.UUIDField(db_index=True)),
                ('document_number', models.PositiveIntegerField(default=1)),
                ('slot', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reservation', to='issuing.statusslot')),
                ('ed25519_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.signingkey')),
                ('p256_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.signingkey')),
                ('approval', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.approval')),
                ('created_at', models.DateTimeField()),
                ('shape', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.documentshape')),
                ('sealed_prepared', models.BinaryField()),
                ('state', models.CharField(choices=[('reserved', 'reserved'), ('finished', 'finished'), ('abandoned', 'abandoned'), ('quarantined', 'quarantined')], default='reserved', max_length=16)),
                ('state_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'reserved')), fields=['created_at'], name='reservation_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'abandoned'), _negated=True), fields=('origin_id', 'origin_kind', 'document_number'), name='reservation_origin_once')],
            },
        ),
        migrations.CreateModel(
            name='KeptSignature',
            fields=[
                ('reservation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='kept_signature', serialize=False, to='issuing.reservation')),
                ('ed25519', models.BinaryField(max_length=64)),
                ('es256', models.BinaryField(max_length=64)),
                ('kept_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StatusEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('status_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='issuing.statuslist')),
                ('sequence', models.PositiveIntegerField()),
                ('slot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='issuing.statusslot')),
                ('value', models.BooleanField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('status_list', 'sequence'), name='statusevent_sequence_once')],
            },
        ),
    ]
