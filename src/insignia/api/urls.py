"""Addresses of the API. A second version will lie beside the first."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from insignia.api.openapi import described
from insignia.api.problems import problems_answer
from insignia.api.reading import BoundedParser
from insignia.api.v1 import awards, badges, batches, files
from insignia.api.v1.orders import BatchIn


class InsigniaApi(NinjaAPI):
    """The API with its description made whole."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:  # noqa: ANN401  - handed on to the library
        """Describe the API, problem documents and keys included."""
        document = super().get_openapi_schema(**options)
        described(document, bodies=[BatchIn])
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation as its address is named."""
        assert operation.url_name  # noqa: S101  - every operation of ours has one
        return operation.url_name


api = InsigniaApi(
    title="Insignia",
    version="1",
    description="Award badges, look after awards. Tokens belong to one organization and see nothing of others.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    parser=BoundedParser(),
)
problems_answer(api)
for router in (badges.router, awards.router, batches.router, files.router):
    api.add_router("", router)


@require_safe
def index(_request: HttpRequest) -> JsonResponse:
    """Say what is here."""
    return JsonResponse({"openapi": reverse("api_openapi"), "problems": "/problems"})


@require_safe
def openapi(_request: HttpRequest) -> JsonResponse:
    """Describe the API (OpenAPI 3.1)."""
    return JsonResponse(_description())


@cache
def _description() -> OpenAPISchema:
    """Write the description once: it takes half a second, and anybody may ask for it."""
    return api.get_openapi_schema()


urlpatterns = [
    path("v1/", index, name="api_index"),
    path("v1/openapi.json", openapi, name="api_openapi"),
    path("v1/", api.urls),
]
