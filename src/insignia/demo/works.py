"""What the demo's learners hand in: a few true-looking sentences, a real PDF, a real table."""

from __future__ import annotations

import io
from dataclasses import dataclass
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

PAGE = (1240, 1754)
INK = (24, 38, 46)
FAINT = (120, 140, 150)
LINE_LETTERS = 72


@dataclass(frozen=True)
class File:
    """A file as a learner would choose it."""

    name: str
    content: bytes


REPORT_LINES = (
    "Question: is the water of our three town wells safe to drink this spring?",
    "",
    "Method: two samples a week for eight weeks at each well, 48 in all,",
    "test strips and a photometer, the same person reading both.",
    "",
    "Result (nitrate, mg/l, mean and range of the last four weeks):",
    "   North well   31   (27 to 36)",
    "   School well  18   (15 to 22)",
    "   Mill well    47   (41 to 55)",
    "",
    "How sure: strips differ by up to 5 from the photometer; rain on three",
    "sampling days may have thinned the Mill well. Even so its range",
    "reaches past 50, the limit for drinking water.",
    "",
    "Recommendation: test the Mill well monthly, and put up a notice",
    "for families with babies until four weeks in a row stay under 40.",
)

FIELD_LOG = (
    "date,well,strip_mg_l,photometer_mg_l,weather\n"
    "2026-03-02,North,30,29,dry\n2026-03-02,School,15,17,dry\n2026-03-02,Mill,45,44,dry\n"
    "2026-03-05,North,30,31,rain\n2026-03-05,School,20,18,rain\n2026-03-05,Mill,40,41,rain\n"
    "2026-03-09,North,35,33,dry\n2026-03-09,School,15,16,dry\n2026-03-09,Mill,50,49,dry\n"
)

TEXTS = {
    "community-data-inquiry": (
        "Our question was whether the Mill Street crossing is safe at the end of school. We counted on ten days.",
        "Ten counting sheets with date, weather and the number of cars per five minutes.",
        "A talk of six minutes to the council's traffic board.",
    ),
    "scientific-communication": (
        "24 fence lizards, 6 days each: at 38 degrees they stay half an hour longer in the shade than at 30.",
        "A talk of four minutes with one chart. A listener said afterwards: hotter days cost them feeding time.",
    ),
    "digital-storytelling": (
        "My grandmother's bakery, five minutes. She says the first words and the last ones.",
        "Four people agreed in writing; the music is by my cousin, with her licence; one photo from the library.",
    ),
    "community-organizing": (
        "Fourteen people at the bus stop, in three conversations. What most of them want is light after five.",
        "We decided on one request: two lamps before November. Ana writes to the council by Friday.",
        "Tobias listened more than he spoke, and the group decided. (A council clerk)",
    ),
    "peer-mediation": (
        "I asked both to say what they needed and repeated it. The second time one of them said: yes, that is it.",
        "Both spoke about the same time. The agreement was theirs. (Counsellor, present throughout)",
    ),
    "data-visualization-python": (
        "The three charts answer whether rents rose faster than wages in our county from 2015 to 2024.",
        "Half a page for each chart: what it shows, where its numbers come from, what it does not show.",
    ),
    "workplace-safety": ("Result sheet: 36 of 40.", "Nine hazards, each with its protection."),
    "first-aid-response": (
        "Three scenes observed by the instructor; order kept in all three.",
        "The second scene, two minutes.",
    ),
    "public-budgeting": (
        "Road repair per resident: 41, 44 and 52 dollars in three years, pages 112, 118 and 121.",
        "Why did the share for side streets fall in 2025 although the total rose?",
    ),
    "community-interpreting": (
        "Two recordings of ten minutes each.",
        "Forty terms in both languages, twelve added after the first conversation.",
    ),
    "restoration-field-study": (
        "Four visits to six plots; photographs of every notebook page.",
        "The restored plots had 11 to 14 species, the untouched ones 6 to 9.",
    ),
}


def file_for(name: str, text: str) -> File:
    """Give the file that answers the requirement called `name`: a table, or a page with a title."""
    stem = "-".join(name.lower().split())
    if name == "Field log":
        return File(f"{stem}.csv", FIELD_LOG.encode())
    lines = REPORT_LINES if name == "Inquiry report" else tuple(wrap(text, LINE_LETTERS))
    return File(f"{stem}.pdf", page_pdf(name, lines))


def page_pdf(title: str, lines: tuple[str, ...]) -> bytes:
    """Draw one page as PDF."""
    page = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(page)
    draw.text((120, 130), title, fill=INK, font=ImageFont.load_default(44))
    draw.line((120, 210, PAGE[0] - 120, 210), fill=INK, width=4)
    for number, line in enumerate(lines):
        draw.text((120, 270 + number * 48), line, fill=INK, font=ImageFont.load_default(28))
    draw.text((120, PAGE[1] - 130), "Page 1 of 1", fill=FAINT, font=ImageFont.load_default(22))
    buffer = io.BytesIO()
    page.save(buffer, "PDF", resolution=150)
    return buffer.getvalue()
