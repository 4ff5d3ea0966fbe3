import django.db.models.deletion
import insignia.foundation.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('frameworks', '0001_initial'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Achievement',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('slug', models.SlugField(max_length=80)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'slug'), name='achievement_slug_once')],
            },
        ),
        migrations.CreateModel(
            name='AchievementVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('achievement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='achievements.achievement')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('retired', 'retired')], default='draft', max_length=16)),
                ('credential_class', models.CharField(choices=[('recognition', 'recognition'), ('knowledge', 'knowledge'), ('application', 'application')], max_length=16)),
                ('content', models.JSONField()),
                ('field', models.CharField(max_length=16)),
                ('language', models.CharField(max_length=20)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('notional_hours', models.PositiveIntegerField(null=True)),
                ('sort_name', models.CharField(blank=True, max_length=200)),
                ('search_text', models.TextField(blank=True)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('lock_version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'sort_name'], name='version_in_catalogue'), models.Index(fields=['organization', 'state'], name='version_of_organization')],
                'constraints': [models.UniqueConstraint(fields=('achievement', 'number'), name='version_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('achievement',), name='version_one_draft'), models.CheckConstraint(condition=models.Q(models.Q(('content_hash', ''), ('published_at__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), models.Q(('content_hash', ''), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='version_published_is_frozen'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', False), ('state', 'retired')), models.Q(models.Q(('state', 'retired'), _negated=True), ('retired_at__isnull', True)), _connector='OR'), name='version_retired_has_time'), models.CheckConstraint(condition=models.Q(('credential_class__in', ['recognition', 'knowledge', 'application'])), name='version_class_known')],
            },
        ),
        migrations.CreateModel(
            name='AchievementImage',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='image', to='achievements.achievementversion')),
                ('art', models.JSONField(null=True)),
                ('svg', models.TextField(blank=True)),
                ('png', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('art__isnull', True), models.Q(('svg', ''), _negated=True), _connector='OR'), name='image_composed_has_svg'), models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='image_has_size')],
            },
        ),
        migrations.CreateModel(
            name='AchievementAlignment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alignments', to='achievements.achievementversion')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.frameworkitem')),
                ('outcome_id', models.CharField(blank=True, max_length=36)),
                ('target', models.JSONField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'item', 'outcome_id'), name='alignment_once')],
            },
        ),
    ]
