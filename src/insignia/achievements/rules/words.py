"""Words that can be seen in somebody's work, and words that cannot: English and Spanish."""

from __future__ import annotations

import re
from functools import cache

from insignia.foundation.search import folded

_ENGLISH = """
analyze analyse annotate apply argue arrange assemble assess author build calculate calibrate care
chart cite classify code collaborate collect communicate compare compile complete compose compute
conduct configure connect construct contrast convert coordinate create critique debate debug defend
define deliver demonstrate deploy derive describe design detect develop diagnose diagram direct
discuss display distinguish document draft draw edit establish estimate evaluate examine execute
explain facilitate film find fix formulate gather generate guide host identify illustrate implement
improve inspect install integrate interpret interview investigate invite judge justify label lead
list listen locate maintain make manage map measure mediate mentor model moderate monitor name
negotiate observe operate order organize organise outline perform persuade photograph pilot pitch
plan plot practise practice predict prepare present prioritize produce program propose protect prove
provide publish query question rank read reason recognize recommend reconcile record reflect repair
report represent research resolve respond restore review revise run sample schedule select serve
share sketch solve sort speak state structure summarize summarise supervise support survey
synthesize teach test trace track train translate troubleshoot tutor use validate verify visualize
visualise weigh weld welcome write
"""
_SPANISH = """
acompanar analizar anotar aplicar argumentar armar arreglar atender calcular calibrar citar
clasificar codificar colaborar comparar compartir completar componer comprobar comunicar concretar
conducir configurar construir contrastar convertir convocar coordinar corregir crear criticar cuidar
debatir deducir defender definir demostrar depurar desarrollar describir desplegar detectar
diagnosticar dibujar dirigir disenar distinguir documentar editar ejecutar elaborar elegir ensenar
ensamblar entrevistar enumerar escribir escuchar establecer estimar evaluar examinar explicar
exponer facilitar filmar formular fotografiar fundamentar generar gestionar grabar guiar hacer
identificar ilustrar implementar instalar integrar interpretar investigar juzgar justificar leer
liderar localizar mantener mediar medir mejorar moderar modelar mostrar narrar negociar nombrar
observar operar ordenar organizar planear planificar predecir preparar presentar priorizar probar
producir programar proponer proteger publicar realizar recoger recomendar reconocer recopilar
redactar reflexionar reparar representar resolver responder resumir revisar seleccionar senalar
simular sintetizar soldar supervisar trazar traducir usar utilizar validar verificar visualizar
"""
_VAGUE_ENGLISH = (
    "understand", "know", "appreciate", "familiar with", "familiarity with", "learn about", "aware of",
    "awareness of", "believe", "grasp", "gain insight", "exposed to", "enjoy",
)  # fmt: skip
_VAGUE_SPANISH = (
    "comprender", "entender", "conocer", "saber", "apreciar", "estar familiarizado", "familiarizarse",
    "aprender sobre", "ser consciente", "tomar conciencia", "creer", "disfrutar",
)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"\b(tbd|tba|lorem ipsum|xxx+|to be determined|to be defined|por definir|pendiente de definir)\b"
)
_SPANISH_ENDINGS = (
    r"(?:o|a|e|as|es|an|en|ar|er|ir|amos|emos|imos|ando|iendo|yendo|ado|ido|aba|aban|ara|aran|era|eran|ira|iran"
    r"|are|ere|ire|arse|erse|irse|arla|arlo|arlas|arlos|erla|erlo|irla|irlo)"
)


def _english_form(verb: str) -> str:
    stem = re.escape(verb)
    if verb.endswith("e"):
        return f"{stem}(?:s|d)?|{stem[:-1]}ing"
    if verb.endswith("y"):
        return f"{stem}(?:s|ing|ed)?|{stem[:-1]}ies|{stem[:-1]}ied"
    return f"{stem}(?:{verb[-1]}?(?:ing|ed)|e?s)?"


def _spanish_form(verb: str) -> str:
    stem = verb[:-2]
    # Stems that change: e>ie, e>i, o>ue, c>z, c>qu, g>gu, z>c, as in resuelve, mide, explique.
    return f"(?:{'|'.join(dict.fromkeys(_stems(stem)))}){_SPANISH_ENDINGS}"


def _stems(stem: str) -> list[str]:
    stems = [stem]
    for vowel, changes in (("e", ("ie", "i")), ("o", ("ue",)), ("i", ("ie",))):
        place = stem.rfind(vowel)
        if place >= 0:
            stems += [stem[:place] + change + stem[place + 1 :] for change in changes]
    for end, change in (
        ("c", "qu"),
        ("c", "zc"),
        ("g", "gu"),
        ("z", "c"),
        ("u", "uy"),
        ("pon", "pong"),
        ("c", "g"),
    ):
        if stem.endswith(end):
            stems.append(stem[: -len(end)] + change)
    return stems


@cache
def _observable() -> re.Pattern[str]:
    """Compile the forms of all verbs when they are first asked for: it takes as long as a tenth of a start."""
    forms = [*map(_english_form, _ENGLISH.split()), *map(_spanish_form, _SPANISH.split())]
    return re.compile(rf"\b(?:{'|'.join(forms)})\b")


def _vague_form(words: str) -> str:
    first, _, rest = words.partition(" ")
    tail = f" {rest}" if rest else ""
    if words in _VAGUE_SPANISH and first.endswith(("ar", "er", "ir")):
        return f"{_spanish_form(first)}{tail}"
    return f"{_english_form(first)}{tail}"


_VAGUE = re.compile(rf"\b(?:{'|'.join(map(_vague_form, (*_VAGUE_ENGLISH, *_VAGUE_SPANISH)))})\b")


def observable_verb(text: str) -> str:
    """Find the first word of something that can be seen; empty when there is none."""
    found = _observable().search(folded(text))
    return found.group() if found else ""


def vague_words(text: str) -> tuple[str, ...]:
    """Find the words for what happens inside a head, in order."""
    return tuple(found.group() for found in _VAGUE.finditer(folded(text)))


def placeholder(text: str) -> str:
    """Find a word that stands for text still to be written; empty when there is none."""
    # "todo" is a plain Spanish word: only the programmer's mark counts.
    found = _PLACEHOLDER.search(folded(text)) or re.search(r"\bTODO:", text)
    return found.group() if found else ""
