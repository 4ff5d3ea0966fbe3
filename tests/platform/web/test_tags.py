"""The template tags that every page uses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from insignia.web.templatetags.insignia import MARKS, markdown


def render(source: str, **values: object) -> str:
    """Render a template without a request."""
    return Template(source).render(Context(values))


class TestStatus:
    """Shape, word and colour."""

    @pytest.mark.parametrize("name", MARKS)
    def test_always_has_all_three(self, name: str) -> None:
        """Never colour alone."""
        html = render("{% status name %}", name=name)
        assert f"#mark-{MARKS[name].symbol}" in html
        assert f"is-{MARKS[name].tone}" in html
        assert str(MARKS[name].word) in html

    def test_has_no_two_states_that_look_alike_and_mean_different_things(self) -> None:
        """In greyscale the shape alone tells: one shape, one meaning."""
        meanings = {"check": {"valid", "passed", "met"}, "cross": {"invalid", "failed"}}
        for symbol in {mark.symbol for mark in MARKS.values()}:
            names = {name for name, mark in MARKS.items() if mark.symbol == symbol}
            assert names == meanings.get(symbol, names)
            assert symbol in meanings or len(names) == 1

    def test_not_yet_is_never_red(self) -> None:
        """Nor is undetermined."""
        assert MARKS["not-yet"].tone == "brand"
        assert MARKS["undetermined"].tone == "idk"

    def test_accepts_the_names_that_domains_use(self) -> None:
        """An outcome such as PASSED or not_yet needs no translation by the page."""
        assert "Passed" in render("{% status 'PASSED' %}")
        assert "Not yet" in render("{% status 'not_yet' %}")


class TestDates:
    """Exact dates in words."""

    @pytest.mark.parametrize(("language", "text"), [("en", "14 May 2026"), ("es", "14 de mayo de 2026")])
    def test_are_written_out(self, language: str, text: str) -> None:
        """Day, month in words, year; machine-readable beside."""
        with translation.override(language):
            html = render("{% day when %}", when=date(2026, 5, 14))
        assert html == f'<time datetime="2026-05-14">{text}</time>'

    def test_name_the_zone_they_are_not_in(self) -> None:
        """A time without a school's zone says UTC; with one, it is the school's clock."""
        when = datetime(2026, 5, 14, 16, 42, tzinfo=UTC)
        assert "14 May 2026, 16:42 UTC" in render("{% moment when %}", when=when)
        assert "14 May 2026, 10:42<" in render("{% moment when 'America/Denver' %}", when=when)

    def test_of_nothing_are_nothing(self) -> None:
        """No date, no word."""
        assert render("{% day when %}", when=None) == ""


class TestLocalized:
    """Text in several languages."""

    def test_follows_the_page(self) -> None:
        """The page's language, else English, else whatever there is."""
        with translation.override("es"):
            assert render("{{ text|localized }}", text={"en": "Water", "es": "Agua"}) == "Agua"
            assert render("{{ text|localized }}", text={"en": "Water"}) == "Water"
            assert render("{{ text|localized }}", text={"vi": "Nước"}) == "Nước"

    def test_is_escaped(self) -> None:
        """What a person wrote stays text."""
        assert "<script>" not in render("{{ text|localized }}", text={"en": "<script>alert(1)</script>"})


class TestMarkdown:
    """Text that authors write."""

    @pytest.mark.parametrize(
        "source",
        [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "![x](https://elsewhere.example/pixel.png)",
            '<a href="#" style="color:red">x</a>',
        ],
    )
    def test_can_do_no_harm(self, source: str) -> None:
        """No script, handler, style or picture survives as markup."""
        html = markdown(source)
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert "<a href" not in html or "style" not in html

    def test_keeps_what_criteria_need(self) -> None:
        """Lists, emphasis, links."""
        html = markdown("You **measure**\n\n- one\n- two\n\n[method](https://example.org)")
        assert "<strong>measure</strong>" in html
        assert "<li>one</li>" in html
        assert 'href="https://example.org"' in html

    @given(st.text(max_size=200))
    def test_never_lets_a_tag_through_that_is_not_allowed(self, source: str) -> None:
        """Whatever is written, no script, style, frame or picture comes out."""
        html = markdown(source).lower()
        assert not any(f"<{tag}" in html for tag in ("script", "style", "iframe", "img", "object", "svg", "form"))


class TestField:
    """One field of a form."""

    class Form(forms.Form):
        """A required field with a hint."""

        name = forms.CharField(label="Name", help_text="As on the badge.")

    def test_ties_label_hint_and_error_to_the_control(self) -> None:
        """A screen reader hears all three."""
        html = render("{% field form.name %}", form=self.Form({"name": ""}))
        assert '<label for="id_name">' in html
        assert 'aria-invalid="true"' in html
        described = html.split('aria-describedby="')[1].split('"')[0].split()
        assert described
        assert all(f'id="{name}"' in html for name in described)

    def test_summary_names_each_error_and_links_to_its_field(self) -> None:
        """The same words as at the field."""
        html = render("{% error_summary form %}", form=self.Form({"name": ""}))
        assert '<a href="#id_name">This field is required.</a>' in html

    def test_summary_of_a_fresh_form_is_nothing(self) -> None:
        """Nobody is accused before they sent anything."""
        assert render("{% error_summary form %}{% title_prefix form %}", form=self.Form()).strip() == ""
