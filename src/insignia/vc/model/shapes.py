"""The shapes of Open Badges 3.0 classes as data, and one walker that names every departure from them.

Read from the data model of Open Badges 3.0 (appendix B) and VC Data Model 2.0 (section 4). Two readers use it:
lint, strictly (sets are arrays, nothing null or empty), and the verifier, tolerantly (one value or an array).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insignia.vc.errors import MalformedCredential
from insignia.vc.model.moments import moment_read

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)
COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# a scheme, then anything but spaces and what RFC 3987 keeps out of IRIs
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ACHIEVEMENT_TYPES = _words(
    """
    Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree
    Certificate CertificateOfCompletion Certification CoCurricular CommunityService Competency Course Degree
    Diploma DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License
    MasterCertificate MasterDegree Membership MicroCredential ProfessionalDoctorate QualityAssuranceCredential
    ResearchDoctorate SecondarySchoolDiploma
    """
)
_TARGET_TYPES = _words(
    "CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL ceasn:Competency ceterms:Credential"
)
_RESULT_TYPES = _words(
    """
    GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion
    RubricCriterionLevel RubricScore ScaledScore Status
    """
)
_IDENTIFIER_TYPES = _words(
    """
    accountId emailAddress identifier isbn issn lisSourcedId ltiContextId ltiDeploymentId ltiPlatformId ltiToolId
    ltiUserId name nationalIdentityNumber oneRosterSourcedId productId sisSourcedId sourcedId systemId userName
    """
)
_RESULT_STATUSES = _words("Completed Enrolled Failed InProgress OnHold Provisional Withdrew")

TERMS: Mapping[str, tuple[frozenset[str], bool]] = {
    "achievementType": (_ACHIEVEMENT_TYPES, True),
    "targetType": (_TARGET_TYPES, True),
    "resultType": (_RESULT_TYPES, True),
    "identifierType": (_IDENTIFIER_TYPES, True),
    "resultStatus": (_RESULT_STATUSES, False),
}
"""Closed vocabularies: their words, and whether `ext:` words may join them."""


@dataclass(frozen=True)
class Field:
    """One member of a class: the kind of its values, whether it must be there, whether it is a set."""

    kind: str
    required: bool = False
    many: bool = False


@dataclass(frozen=True)
class Shape:
    """One class: its members; `closed` allows no others; `plain_type` wants the type as one text."""

    fields: Mapping[str, Field]
    types: tuple[frozenset[str], ...] = ()
    closed: bool = False
    plain_type: bool = False


@dataclass(frozen=True)
class Departure:
    """Where a document departs from its shape: JSON pointer, a stable code, a sentence."""

    pointer: str
    code: str
    message: str


def _named(name: str, members: str, **more: bool) -> Shape:
    return Shape(_fields(members), types=(frozenset({name}),), **more)


def _fields(members: str) -> dict[str, Field]:
    """Read `name:kind` words; `!` marks a required member, `*` a set."""
    fields = {}
    for word in members.split():
        name, _, kind = word.partition(":")
        fields[name] = Field(kind.strip("!*"), required="!" in kind, many="*" in kind)
    return fields


_ENVELOPE = (
    "id:iri! description:text awardedDate:moment issuer:ProfileRef! validFrom:moment! validUntil:moment "
    "credentialSchema:CredentialSchema* credentialStatus:Typed refreshService:RefreshService "
    "termsOfUse:Typed* evidence:Evidence* proof:Proof* "
)

SHAPES: Mapping[str, Shape] = {
    "AchievementCredential": Shape(
        _fields(
            _ENVELOPE + "name:text image:Image credentialSubject:AchievementSubject! "
            "endorsement:EndorsementCredential* endorsementJwt:jws*"
        ),
        types=(frozenset({"VerifiableCredential"}), frozenset({"AchievementCredential", "OpenBadgeCredential"})),
    ),
    "EndorsementCredential": Shape(
        _fields(_ENVELOPE + "name:text! credentialSubject:EndorsementSubject!"),
        types=(frozenset({"VerifiableCredential"}), frozenset({"EndorsementCredential"})),
    ),
    "AchievementSubject": _named(
        "AchievementSubject",
        "id:iri activityEndDate:moment activityStartDate:moment creditsEarned:number achievement:Achievement! "
        "identifier:IdentityObject* image:Image licenseNumber:text narrative:text result:Result* role:text "
        "source:Profile term:text",
    ),
    "EndorsementSubject": _named("EndorsementSubject", "id:iri! endorsementComment:text"),
    "Achievement": _named(
        "Achievement",
        "id:iri! alignment:Alignment* achievementType:achievementType creator:Profile creditsAvailable:number "
        "criteria:Criteria! description:text! endorsement:EndorsementCredential* endorsementJwt:jws* "
        "fieldOfStudy:text humanCode:text image:Image inLanguage:language name:text! "
        "otherIdentifier:IdentifierEntry* related:Related* resultDescription:ResultDescription* "
        "specialization:text tag:text* version:text",
    ),
    "Criteria": Shape(_fields("id:iri narrative:text")),
    "Alignment": _named(
        "Alignment",
        "targetCode:text targetDescription:text targetName:text! targetFramework:text targetType:targetType "
        "targetUrl:iri!",
    ),
    "ResultDescription": _named(
        "ResultDescription",
        "id:iri! alignment:Alignment* allowedValue:text* name:text! requiredLevel:iri requiredValue:text "
        "resultType:resultType! rubricCriterionLevel:RubricCriterionLevel* valueMax:text valueMin:text",
    ),
    "RubricCriterionLevel": _named(
        "RubricCriterionLevel", "id:iri! alignment:Alignment* description:text level:text name:text! points:text"
    ),
    "Result": _named(
        "Result", "achievedLevel:iri alignment:Alignment* resultDescription:iri status:resultStatus value:text"
    ),
    "Related": _named("Related", "id:iri! inLanguage:language version:text"),
    "Evidence": _named("Evidence", "id:iri narrative:text name:text description:text genre:text audience:text"),
    "Image": _named("Image", "id:iri! caption:text", closed=True, plain_type=True),
    "IdentityObject": _named(
        "IdentityObject",
        "hashed:boolean! identityHash:text! identityType:identifierType! salt:text",
        closed=True,
        plain_type=True,
    ),
    "IdentifierEntry": _named(
        "IdentifierEntry", "identifier:text! identifierType:identifierType!", closed=True, plain_type=True
    ),
    "Profile": _named(
        "Profile",
        "id:iri! name:text url:iri phone:text description:text endorsement:EndorsementCredential* "
        "endorsementJwt:jws* image:Image email:text address:Address otherIdentifier:IdentifierEntry* "
        "official:text parentOrg:Profile familyName:text givenName:text additionalName:text "
        "patronymicName:text honorificPrefix:text honorificSuffix:text familyNamePrefix:text dateOfBirth:day",
    ),
    "Address": _named(
        "Address",
        "addressCountry:text addressCountryCode:text addressRegion:text addressLocality:text streetAddress:text "
        "postOfficeBoxNumber:text postalCode:text geo:GeoCoordinates",
    ),
    "GeoCoordinates": _named("GeoCoordinates", "latitude:number! longitude:number!", plain_type=True),
    "CredentialSchema": Shape(_fields("id:iri! type:text!")),
    "RefreshService": Shape(_fields("id:iri! type:text!")),
    "Typed": Shape(_fields("id:iri type:text!")),
    "Proof": Shape(
        _fields(
            "type:text! created:moment cryptosuite:text challenge:text domain:text nonce:text proofPurpose:text "
            "proofValue:text verificationMethod:iri"
        )
    ),
}


def departures(document: JsonObject, shape: str, *, tolerant: bool, pointer: str = "") -> Iterator[Departure]:
    """Name everything in which an object departs from the shape of its class, at any depth.

    Args:
        document: the object.
        shape: a name in `SHAPES`.
        tolerant: take one value for an array of one and the other way round, as JSON-LD compaction does.
        pointer: JSON pointer of the object in its document.
    """
    wanted = SHAPES[shape]
    yield from _type_departures(document, wanted, tolerant=tolerant, pointer=pointer)
    for name, member in wanted.fields.items():
        if document.get(name) is not None:
            yield from _member(document[name], member, f"{pointer}/{name}", tolerant=tolerant)
        elif member.required:
            yield Departure(f"{pointer}/{name}", "required", f"{name} is missing.")
    if wanted.closed:
        for name in document.keys() - wanted.fields.keys() - {"type"}:
            yield Departure(f"{pointer}/{name}", "unknown", f"{shape} has no member {name[:80]}.")


def _type_departures(document: JsonObject, shape: Shape, *, tolerant: bool, pointer: str) -> Iterator[Departure]:
    value = document.get("type")
    if not shape.types:
        return
    if shape.plain_type and not isinstance(value, str) and not tolerant:
        yield Departure(f"{pointer}/type", "type", "This type is written as one text.")
        return
    types = value if isinstance(value, list) else [value]
    words = {item for item in types if isinstance(item, str)}
    if len(words) != len(types):
        yield Departure(f"{pointer}/type", "type", "The type is missing, not text, or said twice.")
    for choice in shape.types:
        if not words & choice:
            yield Departure(f"{pointer}/type", "type", f"The type is not {' or '.join(sorted(choice))}.")


def _member(value: Json, member: Field, pointer: str, *, tolerant: bool) -> Iterator[Departure]:
    if isinstance(value, list) and (member.many or (tolerant and len(value) == 1)):
        if not value:
            yield Departure(pointer, "empty", "An empty array says nothing; leave it out.")
        for position, item in enumerate(value):
            yield from _value(item, member.kind, f"{pointer}/{position}", tolerant=tolerant)
    elif member.many and not tolerant:
        yield Departure(pointer, "set", "A set is written as an array.")
    else:
        yield from _value(value, member.kind, pointer, tolerant=tolerant)


def _value(value: Json, kind: str, pointer: str, *, tolerant: bool) -> Iterator[Departure]:
    if kind == "ProfileRef":
        kind = "iri" if isinstance(value, str) else "Profile"
    if kind in SHAPES:
        if isinstance(value, dict):
            yield from departures(value, kind, tolerant=tolerant, pointer=pointer)
        else:
            yield Departure(pointer, "object", f"This is no {kind} object.")
    elif tolerant and kind == "text" and isinstance(value, dict):
        return  # a language value or language map
    elif not _fits(value, kind):
        yield Departure(pointer, kind, f"This is no {kind}.")


def _fits(value: Json, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str) or not value:
        return False
    if kind in TERMS:
        words, extensible = TERMS[kind]
        return value in words or (extensible and EXTENSION.fullmatch(value) is not None)
    return _text_fits(value, kind)


def _text_fits(value: str, kind: str) -> bool:
    patterns = {"iri": IRI, "language": LANGUAGE, "jws": COMPACT_JWS, "day": DAY}
    if kind in patterns:
        return patterns[kind].fullmatch(value) is not None
    if kind == "moment":
        return _is_moment(value)
    return True


def _is_moment(value: str) -> bool:
    try:
        moment_read(value)
    except MalformedCredential:
        return False
    return True
