"""Turning what publishers write into plain text: no markup, no control characters, nothing that acts."""

from __future__ import annotations

import html
import re
import unicodedata

import nh3

# Only real element names with well-formed attributes are markup; "x < 5" and "a<b" are mathematics.
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|big|blockquote|br|caption|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure"
    r"|font|footer|h[1-6]|header|hr|i|img|ins|kbd|li|mark|math|ol|p|pre|q|s|samp|section|small|span|strike|strong"
    r"|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr)"
    r"(?:\s+[\w:-]{1,60}\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))*\s*/?>"
    r"|<!--|</?(?:script|style|iframe|object|embed|svg|form|input|button|textarea|video|audio|template|link|meta)"
    r"\b[^<>]*>",
    re.IGNORECASE,
)
# HTML's parsing rules take quadratic time on thousands of open elements; beyond this many, tags are only cut out.
PARSED_TAGS = 300
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|blockquote|dd|dt|table|ul|ol)\s*>", re.IGNORECASE)
_BULLET = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
# What is left of "\\frac", "\\times", "\\right" when somebody read the backslash and letter as one escape.
_BROKEN_LATEX = re.compile(
    r"\f(?=rac\b|orall\b)|\t(?=ext\{|imes\b|heta\b|frac\b)|\r(?=ight[^a-z]|angle\b)"
    r"|\x08(?=eta\b|egin\{|inom\b|ar\{)|\x07(?=lpha\b|ngle\b|pprox\b)|\x0b(?=ec\b|arepsilon\b)"
)
_ESCAPED = {"\f": "\\f", "\t": "\\t", "\r": "\\r", "\x08": "\\b", "\x07": "\\a", "\x0b": "\\v"}
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
# Marks that turn the direction of text or hide it: they make a statement read otherwise than it is stored.
_HIDDEN = frozenset("\u200b\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


def has_markup(text: str) -> bool:
    """Say whether the text is HTML rather than text."""
    return bool(_TAG.search(text) or _ENTITY.search(text))


def without_markup(text: str) -> str:
    """Give the words of an HTML text: blocks become lines, list items get a bullet, scripts vanish."""
    lined = _BULLET.sub("• ", _BREAK.sub("\n", text))
    if lined.count("<") > PARSED_TAGS:
        return html.unescape(_TAG.sub("", lined))
    return html.unescape(nh3.clean(lined, tags=set(), attributes={}))


def has_broken_latex(text: str) -> bool:
    """Say whether LaTeX commands lost their backslash to a wrong escape."""
    return bool(_BROKEN_LATEX.search(text)) and ("$" in text or "\\" in text)


def with_mended_latex(text: str) -> str:
    """Put the backslashes of broken LaTeX commands back."""
    return _BROKEN_LATEX.sub(lambda broken: _ESCAPED[broken.group()], text)


def has_controls(text: str) -> bool:
    """Say whether the text has characters that are not for reading."""
    return any(_is_control(character) for character in text)


def without_controls(text: str) -> str:
    """Drop control, direction and invisible characters; line breaks and tabs stay as white space."""
    return "".join(character for character in text if not _is_control(character))


def squeezed(text: str) -> str:
    """Even out white space: one kind of line break, no trailing blanks, at most one empty line."""
    lines = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return _LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


def one_line(text: str) -> str:
    """Put a text on one line."""
    return " ".join(text.split())


def looks_like_formula(text: str) -> bool:
    """Say whether a spreadsheet would compute this cell: `=1+1`, `@SUM(A1)`, `+cmd(`, `-2+3`."""
    return bool(re.match(r"\s*(?:[=@]\S|[+-](?:\d[\d.]*\s*[+*/^-]|\w+\s*\())", text))


def _is_control(character: str) -> bool:
    if character in "\n\r\t":
        return False
    return character in _HIDDEN or unicodedata.category(character) in {"Cc", "Cs", "Co"}
