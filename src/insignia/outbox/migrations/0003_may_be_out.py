"""Say of each mail whether a sender has it in hand; no sender works while the tables change."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0002_rank'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='may_be_out',
            field=models.BooleanField(db_default=False),
        ),
    ]
