import django.db.models.deletion
import django.db.models.expressions
import insignia.foundation.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('achievements', '0001_initial'),
        ('issuing', '0001_initial'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='achievements.achievementversion')),
                ('key', models.CharField(max_length=200)),
                ('source', models.CharField(choices=[('file', 'a file'), ('pasted', 'pasted rows'), ('group', 'a class or cohort'), ('exams', 'results of an exam'), ('api', 'another program')], max_length=16)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('columns', models.JSONField(default=list)),
                ('mapping', models.JSONField(default=dict)),
                ('rows_sha256', models.CharField(max_length=64)),
                ('total', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('draft', 'rows are here'), ('checking', 'rows are being looked at'), ('checked', 'dry run done'), ('running', 'badges are being signed'), ('paused', 'stopped for now'), ('finished', 'every row has its outcome'), ('cancelled', 'stopped for good')], default='draft', max_length=16)),
                ('counts', models.JSONField(default=dict)),
                ('checked_to', models.PositiveIntegerField(default=0)),
                ('override_reason', models.CharField(blank=True, max_length=500)),
                ('due', models.PositiveIntegerField(default=0)),
                ('issued', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('cancelled', models.PositiveIntegerField(default=0)),
                ('approval', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='issuing.approval')),
                ('undo_minutes', models.PositiveSmallIntegerField(default=10)),
                ('undo_until', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', '-id'], name='run_of_organization'), models.Index(condition=models.Q(('state__in', ['checking', 'running'])), fields=['id'], name='run_to_do')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='run_key_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['running', 'paused', 'finished']), _negated=True), models.Q(('approval__isnull', False), ('started_at__isnull', False), ('undo_until__isnull', False)), _connector='OR'), name='run_started_is_approved'), models.CheckConstraint(condition=models.Q(('total__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('issued'), '+', models.F('refused')), '+', models.F('cancelled')))), name='run_counts_within_total')],
            },
        ),
        migrations.CreateModel(
            name='RunChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='runs.run')),
                ('first', models.PositiveIntegerField()),
                ('last', models.PositiveIntegerField()),
                ('rows', models.PositiveIntegerField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('leased_until', models.DateTimeField(null=True)),
                ('leased_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['run', 'first'], name='runchunk_open'), models.Index(condition=models.Q(('done_at__isnull', False)), fields=['run', '-done_at'], name='runchunk_done')],
                'constraints': [models.UniqueConstraint(fields=('run', 'first'), name='runchunk_once')],
            },
        ),
        migrations.CreateModel(
            name='RunRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='runs.run')),
                ('number', models.PositiveIntegerField()),
                ('key', models.CharField(blank=True, max_length=200)),
                ('values', models.JSONField()),
                ('person_key', models.CharField(blank=True, max_length=300)),
                ('row_class', models.CharField(blank=True, max_length=16)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('data', models.JSONField(default=dict)),
                ('outcome', models.CharField(choices=[('pending', 'nothing yet'), ('issued', 'has its badge'), ('refused', 'no badge, with a reason'), ('cancelled', 'stopped or undone')], default='pending', max_length=12)),
                ('award_id', models.UUIDField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('person_key', ''), _negated=True), fields=['run', 'person_key'], name='runrow_person'), models.Index(condition=models.Q(('row_class__in', ['', 'new']), _negated=True), fields=['run', 'row_class', 'number'], name='runrow_odd')],
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='runrow_number_once'), models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('run', 'key'), name='runrow_key_once'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'issued'), _negated=True), ('award_id__isnull', False), _connector='OR'), name='runrow_issued_has_award'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'refused'), _negated=True), models.Q(('code', ''), _negated=True), _connector='OR'), name='runrow_refused_says_why')],
            },
        ),
        migrations.CreateModel(
            name='RememberedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('columns_hash', models.CharField(max_length=64)),
                ('mapping', models.JSONField()),
                ('used_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'columns_hash'), name='rememberedmapping_once')],
            },
        ),
    ]
