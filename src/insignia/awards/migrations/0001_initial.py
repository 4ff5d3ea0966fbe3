import django.db.models.deletion
import django.db.models.functions.text
import insignia.foundation.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('achievements', '0001_initial'),
        ('foundation', '0001_initial'),
        ('issuing', '0001_initial'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpiryPolicy',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('days', models.JSONField(default=list)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('key', models.CharField(max_length=300)),
                ('person', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('urn', models.CharField(max_length=64)),
                ('data_key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='foundation.datakey')),
                ('name', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('language', models.CharField(default='en', max_length=5)),
            ],
            options={
                'indexes': [models.Index(django.db.models.functions.text.Lower('email'), models.F('organization'), name='recipient_by_address'), models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='recipient_of_person')],
                'constraints': [models.UniqueConstraint(fields=('key', 'organization'), name='recipient_once'), models.UniqueConstraint(fields=('urn',), name='recipient_urn_once')],
            },
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='achievements.achievementversion')),
                ('version_hash', models.CharField(max_length=64)),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='awards.recipient')),
                ('learner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('origin_kind', models.CharField(max_length=32)),
                ('origin_id', models.UUIDField()),
                ('state', models.CharField(choices=[('reserved', 'being signed'), ('issued', 'in force'), ('suspended', 'paused'), ('revoked', 'revoked')], default='reserved', max_length=16)),
                ('visibility', models.CharField(choices=[('private', 'nobody else'), ('link', 'who has a link'), ('public', 'everyone')], default='private', max_length=16)),
                ('evidence_visibility', models.JSONField(default=dict)),
                ('awarded_at', models.DateTimeField()),
                ('valid_from', models.DateTimeField()),
                ('valid_until', models.DateTimeField(blank=True, null=True)),
                ('reserved_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('claim_serial', models.PositiveIntegerField(default=1)),
                ('claim_token_hash', models.CharField(max_length=64)),
                ('claim_expires_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['recipient', 'version'], name='award_of_recipient'), models.Index(condition=models.Q(('learner__isnull', False)), fields=['learner', '-issued_at'], name='award_of_learner'), models.Index(fields=['version', 'organization'], name='award_of_version'), models.Index(condition=models.Q(('state', 'issued'), ('visibility', 'public')), fields=['-issued_at'], name='award_shown'), models.Index(fields=['organization', '-issued_at'], name='award_of_organization'), models.Index(condition=models.Q(('state', 'issued'), ('valid_until__isnull', False)), fields=['organization', 'valid_until'], name='award_ending'), models.Index(condition=models.Q(('state', 'reserved')), fields=['reserved_at'], name='award_being_signed'), models.Index(condition=models.Q(('origin_kind', 'decision')), fields=['origin_id'], name='award_of_decision')],
                'constraints': [models.UniqueConstraint(fields=('origin_id', 'origin_kind'), name='award_origin_once'), models.UniqueConstraint(fields=('claim_token_hash',), name='award_claim_token_once'), models.CheckConstraint(condition=models.Q(models.Q(('issued_at__isnull', True), ('state', 'reserved')), models.Q(models.Q(('state', 'reserved'), _negated=True), ('issued_at__isnull', False)), _connector='OR'), name='award_issued_has_time')],
            },
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='awards.award')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('label', models.CharField(blank=True, max_length=120)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='sharelink_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='AwardChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='awards.award')),
                ('kind', models.CharField(choices=[('suspended', 'paused'), ('reinstated', 'in force again'), ('revoked', 'revoked')], max_length=16)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'revoked')), fields=('award',), name='awardchange_revoked_once')],
            },
        ),
        migrations.CreateModel(
            name='AwardCorrection',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='awards.award')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('correction', 'corrected'), ('reissue', 'signed again'), ('renewal', 'renewed')], max_length=16)),
                ('sealed_said', models.BinaryField()),
                ('changed', models.JSONField(default=list)),
                ('is_substantial', models.BooleanField(default=False)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('abandoned_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('abandoned_at__isnull', True), ('finished_at__isnull', True)), fields=['at'], name='awardcorrection_open')],
                'constraints': [models.UniqueConstraint(fields=('award', 'number'), name='awardcorrection_number_once'), models.UniqueConstraint(condition=models.Q(('abandoned_at__isnull', True), ('finished_at__isnull', True)), fields=('award',), name='awardcorrection_one_open'), models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('abandoned_at__isnull', True), _connector='OR'), name='awardcorrection_ends_one_way'), models.CheckConstraint(condition=models.Q(('number__gte', 2)), name='awardcorrection_follows_one')],
            },
        ),
        migrations.CreateModel(
            name='AwardDocument',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('award', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='awards.award')),
                ('number', models.PositiveIntegerField(default=1)),
                ('reservation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.reservation')),
                ('sealed_json', models.BinaryField(default=b'')),
                ('sealed_jwt', models.BinaryField(default=b'')),
                ('ed25519_signature', models.BinaryField(default=b'', max_length=64)),
                ('es256_signature', models.BinaryField(default=b'', max_length=64)),
                ('json_sha256', models.CharField(max_length=64)),
                ('jwt_sha256', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('award', 'number'), name='awarddocument_number_once'), models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('award',), name='awarddocument_one_current'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('sealed_json', b''), _negated=True), models.Q(('sealed_jwt', b''), _negated=True), ('ed25519_signature', b''), ('es256_signature', b'')), models.Q(('sealed_json', b''), ('sealed_jwt', b''), models.Q(('ed25519_signature', b''), _negated=True), models.Q(('es256_signature', b''), _negated=True)), _connector='OR'), name='awarddocument_bytes_or_signatures')],
            },
        ),
        migrations.CreateModel(
            name='AwardHold',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('origin_kind', models.CharField(max_length=32)),
                ('origin_id', models.UUIDField()),
                ('reason', models.CharField(max_length=500)),
                ('held_at', models.DateTimeField()),
                ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('origin_kind', 'origin_id'), name='awardhold_one_open')],
            },
        ),
        migrations.CreateModel(
            name='ExpiryNotice',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expiry_notices', to='awards.award')),
                ('valid_until', models.DateTimeField()),
                ('days', models.PositiveSmallIntegerField()),
                ('told_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('award', 'valid_until', 'days'), name='expirynotice_once')],
            },
        ),
        migrations.CreateModel(
            name='MassChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('kind', models.CharField(choices=[('suspended', 'paused'), ('reinstated', 'in force again'), ('revoked', 'revoked'), ('reissued', 'signed again'), ('renewed', 'renewed')], max_length=16)),
                ('reason', models.CharField(max_length=500)),
                ('selection', models.JSONField()),
                ('total', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('last_id', models.BigIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('finished_at__isnull', True), ('stopped_at__isnull', True)), fields=['at'], name='masschange_open')],
            },
        ),
    ]
