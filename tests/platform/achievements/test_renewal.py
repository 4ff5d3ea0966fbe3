"""How a badge is renewed: said in the content, and absent where nobody said it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from insignia.achievements.errors import ContentInvalid
from insignia.achievements.rules import Renewal, content_from_json, content_hash, content_to_json
from tests.platform.achievements.samples import application_content


class TestRenewal:
    def test_leaves_the_hash_of_versions_that_do_not_say_it_alone(self) -> None:
        content = application_content()
        assert "renewal" not in content_to_json(content)
        assert content_from_json(content_to_json(content)).renewal is None

    def test_counts_once_it_is_said(self) -> None:
        content = application_content()
        said = replace(content, renewal=Renewal.ATTESTATION)
        assert content_hash(said) != content_hash(content)
        assert content_from_json(content_to_json(said)) == said

    def test_is_one_of_two(self) -> None:
        with pytest.raises(ContentInvalid):
            content_from_json({**content_to_json(application_content()), "renewal": "by itself"})
