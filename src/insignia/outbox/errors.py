"""What can be wrong with a mail."""

from __future__ import annotations

from insignia.foundation.errors import Invalid


class RecipientUnusable(Invalid):
    """The address holds characters no mail header may carry."""

    code = "recipient-unusable"
