"""Give what somebody waits for its rank, those that wait in the queue at this moment among them."""

from django.db import migrations, models

ASKED_FOR_RANK = """
    UPDATE outbox_message SET rank = 0
    WHERE sent_at IS NULL AND abandoned_at IS NULL AND (kind LIKE 'signin-%' OR kind LIKE 'invitation%')
"""
DUE = models.Q(("abandoned_at__isnull", True), ("sent_at__isnull", True))


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='rank',
            field=models.PositiveSmallIntegerField(db_default=1),
        ),
        migrations.RunSQL(ASKED_FOR_RANK, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name='message', name='message_due'),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=DUE, fields=['rank', 'next_try_at', 'id'], name='message_due'),
        ),
    ]
