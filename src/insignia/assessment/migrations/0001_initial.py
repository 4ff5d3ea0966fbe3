import django.db.models.deletion
import insignia.foundation.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('achievements', '0001_initial'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='achievements.achievementversion')),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('code', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'handed in'), ('in_review', 'with an assessor'), ('returned', 'returned'), ('met', 'met'), ('almost', 'almost'), ('not_yet', 'not yet'), ('withdrawn', 'withdrawn')], default='draft', max_length=16)),
                ('lock_version', models.PositiveIntegerField(default=1)),
                ('started_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['learner', '-updated_at'], name='submission_of_learner'), models.Index(condition=models.Q(('state__in', ['submitted', 'in_review'])), fields=['organization', 'state'], name='submission_waiting')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'code'), name='submission_code_once'), models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('learner', 'version'), name='submission_one_live'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'in_review', 'returned', 'met', 'almost', 'not_yet', 'withdrawn'])), name='submission_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='assessment.submission')),
                ('number', models.PositiveIntegerField(default=1)),
                ('opened_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('snapshot_sha256', models.CharField(blank=True, max_length=64)),
                ('carried', models.JSONField(default=dict)),
                ('sealed_authorship', models.BinaryField(blank=True, null=True)),
                ('authorship_sha256', models.CharField(blank=True, max_length=64)),
                ('authorship_version', models.PositiveIntegerField(default=0)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('sealed_return_note', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['submitted_at', 'id'], name='attempt_by_age')],
                'constraints': [models.UniqueConstraint(fields=('submission', 'number'), name='attempt_number_once'), models.UniqueConstraint(condition=models.Q(('submitted_at__isnull', True)), fields=('submission',), name='attempt_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('snapshot_sha256', ''), ('submitted_at__isnull', True)), models.Q(('submitted_at__isnull', False), models.Q(('snapshot_sha256', ''), _negated=True)), _connector='OR'), name='attempt_submitted_has_snapshot')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='assessment.attempt')),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leased_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField()),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('locked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('locked_at__isnull', True), ('released_at__isnull', True)), fields=['assessor', 'leased_until'], name='assignment_held')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('attempt',), name='assignment_one_active'), models.CheckConstraint(condition=models.Q(('assessor', models.F('learner')), _negated=True), name='assignment_not_of_oneself'), models.CheckConstraint(condition=models.Q(('locked_at__isnull', True), ('released_at__isnull', True), _connector='OR'), name='assignment_locked_is_kept')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='assessment.attempt')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='achievements.achievementversion')),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.CharField(choices=[('met', 'met'), ('almost', 'almost'), ('not_yet', 'not yet')], max_length=8)),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criteria', models.JSONField(default=list)),
                ('sealed_feedback', models.BinaryField()),
                ('final', models.BooleanField(default=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('final', True), ('outcome', 'met')), fields=['id'], name='decision_to_award'), models.Index(fields=['decided_by', '-decided_at'], name='decision_by_assessor')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by', models.F('learner')), _negated=True), name='decision_not_of_oneself'), models.CheckConstraint(condition=models.Q(('outcome__in', ['met', 'almost', 'not_yet'])), name='decision_outcome_known')],
            },
        ),
        migrations.CreateModel(
            name='EvidenceItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='assessment.attempt')),
                ('requirement_id', models.CharField(max_length=64)),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('text', 'text'), ('file', 'file'), ('link', 'link')], max_length=8)),
                ('sealed_body', models.BinaryField(blank=True, null=True)),
                ('sealed_name', models.BinaryField(blank=True, null=True)),
                ('file_digest', models.CharField(blank=True, max_length=64)),
                ('media_type', models.CharField(max_length=120)),
                ('byte_size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('shared_digest', models.CharField(blank=True, max_length=64)),
                ('shared_sha256', models.CharField(blank=True, max_length=64)),
                ('shared_size', models.PositiveBigIntegerField(default=0)),
                ('copy_problem', models.CharField(blank=True, max_length=32)),
                ('lock_version', models.PositiveIntegerField(default=1)),
                ('added_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('file_digest', ''), _negated=True), fields=['file_digest'], name='evidence_file'), models.Index(condition=models.Q(('shared_digest', ''), _negated=True), fields=['shared_digest'], name='evidence_shared_file')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'text')), fields=('attempt', 'requirement_id'), name='evidence_one_text_per_requirement'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'file'), ('sealed_body__isnull', True), models.Q(('file_digest', ''), _negated=True)), models.Q(('file_digest', ''), ('kind__in', ['text', 'link']), ('sealed_body__isnull', False)), _connector='OR'), name='evidence_has_its_content')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rating', to='assessment.assignment')),
                ('levels', models.JSONField(default=dict)),
                ('sealed_feedback', models.BinaryField()),
                ('lock_version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('locked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
