"""Addresses of runs; all of them are for the registrars of one organization."""

from django.urls import path

from insignia.web.runs import files, making, steering

OWN = "o/<slug:organization>/runs"

urlpatterns = [
    path(OWN, steering.run_list, name="run_list"),
    path(f"{OWN}/new", making.run_new, name="run_new"),
    path(f"{OWN}/<uuid:run_id>", steering.run, name="run"),
    path(f"{OWN}/<uuid:run_id>/columns", making.run_columns, name="run_columns"),
    path(f"{OWN}/<uuid:run_id>/rows", steering.run_rows, name="run_rows"),
    path(f"{OWN}/<uuid:run_id>/rows.csv", files.run_file, name="run_file"),
    path(f"{OWN}/<uuid:run_id>/<slug:action>", steering.run_do, name="run_do"),
]
