from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from insignia.achievements.frozen import statements


def put_up(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in statements(editor.connection.vendor):
        editor.execute(statement)


class Migration(migrations.Migration):
    """A published version can be read, never changed."""

    dependencies = [("achievements", "0001_initial")]
    operations = [migrations.RunPython(put_up, migrations.RunPython.noop)]
