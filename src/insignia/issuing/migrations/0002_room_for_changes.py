from __future__ import annotations

from django.db import migrations

from insignia.foundation.planner import room_for_changes


class Migration(migrations.Migration):
    """Each row is changed once, soon after it came."""

    dependencies = [("issuing", "0001_initial")]
    operations = [room_for_changes("issuing_statusslot")]
