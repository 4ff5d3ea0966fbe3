from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from insignia.audit.insert_only import removal_statements, statements


def put_up(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in statements(editor.connection.vendor):
        editor.execute(statement)


def take_down(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in removal_statements(editor.connection.vendor):
        editor.execute(statement)


class Migration(migrations.Migration):
    """The record can be added to, never changed."""

    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
