"""What import-linter cannot see: relations that would let a lower domain reach up."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Field, Model


def own_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("insignia.")]


class TestRelations:
    def test_every_relation_into_another_app_hides_its_reverse(self) -> None:
        shown = [
            f"{model.__name__}.{field.name}"
            for model in own_models()
            for field in model._meta.get_fields()
            if isinstance(field, Field)
            and field.remote_field
            and field.related_model
            and field.related_model._meta.app_label != model._meta.app_label
            and not field.remote_field.hidden
        ]
        assert shown == []

    def test_no_model_overrides_save_or_delete(self) -> None:
        overriding = [
            model.__name__ for model in own_models() if "save" in model.__dict__ or "delete" in model.__dict__
        ]
        assert overriding == []

    def test_every_constraint_has_a_name_of_its_own(self) -> None:
        names = [constraint.name for model in own_models() for constraint in model._meta.constraints]
        assert len(names) == len(set(names))
