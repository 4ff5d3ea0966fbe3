"""Every award has a recipient now; only those with an account have a learner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0002_recipients")]

    operations = [
        migrations.AlterField("award", "recipient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="awards.recipient")),
        migrations.AlterField("award", "awarded_at", models.DateTimeField()),
        migrations.AlterField("award", "learner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
    ]
