"""A person is one per installation and belongs to nobody."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey, Thing


class Language(models.TextChoices):
    """The languages of our screens and mails."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Español"


class Theme(models.TextChoices):
    """How bright the screen is."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class PersonManager(BaseUserManager["Person"]):
    """Looks people up by e-mail address, without regard to case."""

    def get_by_natural_key(self, email: str | None) -> Person:
        """Find the person whose first address this is."""
        return self.get(email__iexact=email)


class Person(AbstractBaseUser):
    """A human being with an account. Has no password: signs in by e-mail code or passkey."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=200, blank=True)
    born_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=5, choices=Language, default=Language.ENGLISH)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = PersonManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.display_name or str(self.public_id)


class ConsentPurpose(models.TextChoices):
    """What a guardian (or an adult learner) can agree to."""

    PUBLIC_AWARD = "public-award"


class Consent(Thing):
    """An agreement about what one organization gave; withdrawing it ends its effect at once, the row stays."""

    organization_id = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40, choices=ConsentPurpose)
    given_by = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consent_one_current",
                fields=["organization_id", "person", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
        ]
