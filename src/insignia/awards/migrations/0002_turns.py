"""Give changes of many awards their turns."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('awards', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='masschange',
            name='turn',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
    ]
