import django.db.models.deletion
import insignia.foundation.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Framework',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('identifier', models.CharField(max_length=255)),
                ('uri', models.CharField(blank=True, max_length=2000)),
                ('title', models.CharField(max_length=500)),
                ('description', models.TextField(blank=True)),
                ('creator', models.CharField(blank=True, max_length=500)),
                ('publisher', models.CharField(blank=True, max_length=500)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('licence_title', models.CharField(blank=True, max_length=500)),
                ('licence_text', models.TextField(blank=True)),
                ('licence_uri', models.CharField(blank=True, max_length=2000)),
                ('version_label', models.CharField(blank=True, max_length=200)),
                ('adoption_status', models.CharField(blank=True, max_length=100)),
                ('changed_label', models.CharField(blank=True, max_length=64)),
                ('source_format', models.CharField(max_length=32)),
                ('source_sha256', models.CharField(max_length=64)),
                ('imported_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'identifier'), name='framework_once'), models.CheckConstraint(condition=models.Q(('identifier', ''), _negated=True), name='framework_has_identifier'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='framework_has_title')],
            },
        ),
        migrations.CreateModel(
            name='FrameworkAssociation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='associations', to='frameworks.framework')),
                ('kind', models.CharField(max_length=60)),
                ('origin_identifier', models.CharField(max_length=255)),
                ('destination_identifier', models.CharField(max_length=255)),
                ('destination_uri', models.CharField(blank=True, max_length=2000)),
                ('destination_title', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('framework', 'kind', 'origin_identifier', 'destination_identifier'), name='framework_association_once')],
            },
        ),
        migrations.CreateModel(
            name='FrameworkImport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='frameworks.framework')),
                ('at', models.DateTimeField()),
                ('filename', models.CharField(blank=True, max_length=200)),
                ('source_sha256', models.CharField(max_length=64)),
                ('report', models.JSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['framework', 'at'], name='framework_import_order')],
            },
        ),
        migrations.CreateModel(
            name='FrameworkItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='frameworks.framework')),
                ('identifier', models.CharField(max_length=255)),
                ('uri', models.CharField(blank=True, max_length=2000)),
                ('human_code', models.CharField(blank=True, max_length=255)),
                ('full_statement', models.TextField()),
                ('abbreviated_statement', models.CharField(blank=True, max_length=1000)),
                ('notes', models.TextField(blank=True)),
                ('item_type', models.CharField(blank=True, max_length=255)),
                ('education_levels', models.JSONField(default=list)),
                ('extra', models.JSONField(default=dict)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='frameworks.frameworkitem')),
                ('ancestors', models.JSONField(default=list)),
                ('position', models.PositiveIntegerField(default=0)),
                ('code_key', models.CharField(blank=True, max_length=255)),
                ('search_text', models.TextField(blank=True)),
                ('added_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'code_key'], name='framework_item_code'), models.Index(fields=['framework', 'parent', 'position'], name='framework_item_tree')],
                'constraints': [models.UniqueConstraint(fields=('framework', 'identifier'), name='framework_item_once'), models.CheckConstraint(condition=models.Q(('identifier', ''), _negated=True), name='framework_item_has_identifier'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='framework_item_not_its_parent')],
            },
        ),
    ]
