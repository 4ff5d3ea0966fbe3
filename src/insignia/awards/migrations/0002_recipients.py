"""Awards go to recipients, who need no account; whoever was a subject before is one now, under the same URN."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

import insignia.foundation.ids


def recipients_from_subjects(apps, _schema_editor):
    """Make a recipient of every subject, and give each award its own."""
    Recipient, Award = apps.get_model("awards", "Recipient"), apps.get_model("awards", "Award")
    for subject in apps.get_model("awards", "SubjectId").objects.select_related("person").iterator():
        recipient = Recipient.objects.create(
            public_id=insignia.foundation.ids.new_id(),
            organization_id=subject.organization_id,
            key=f"person:{subject.person.public_id}",
            person=subject.person,
            urn=subject.urn,
            data_key_id=subject.person.data_key_id,
        )
        Award.objects.filter(organization_id=subject.organization_id, learner=subject.person).update(
            recipient=recipient
        )
    for award in Award.objects.filter(recipient__isnull=True).select_related("learner"):
        award.recipient, _ = Recipient.objects.get_or_create(
            organization_id=award.organization_id,
            key=f"person:{award.learner.public_id}",
            defaults={
                "public_id": insignia.foundation.ids.new_id(),
                "person": award.learner,
                "urn": f"urn:uuid:{uuid.uuid4()}",
                "data_key_id": award.learner.data_key_id,
            },
        )
        award.save(update_fields=["recipient"])
    Award.objects.update(awarded_at=F("valid_from"))


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0001_initial"),
        ("foundation", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(default=insignia.foundation.ids.new_id, editable=False, unique=True)),
                ("key", models.CharField(max_length=300)),
                ("urn", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(default="en", max_length=5)),
                ("data_key", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="foundation.datakey")),
                ("organization", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.organization")),
                ("person", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organization", "key"), name="recipient_once")],
            },
        ),
        migrations.AddField("award", "recipient", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="awards.recipient")),
        migrations.AddField("award", "awarded_at", models.DateTimeField(null=True)),
        migrations.RunPython(recipients_from_subjects, migrations.RunPython.noop),
        migrations.DeleteModel("SubjectId"),
    ]
