"""The demo is made of the same actions as the office: it touches no table and writes no media itself."""

import ast

import pytest

from config.install import ROOT

SOURCES = sorted(path for path in (ROOT / "config" / "demo").glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_seeding_imports_no_models_and_no_media_storage(path):
    """Neither models nor storage nor the database are imported; nothing asks for MEDIA_ROOT."""
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    barred = {name for name in names if name.split(".")[-1] == "models" or name.startswith(("django.db", "django.core.files", "psycopg"))}
    assert barred == set()
    reached = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert reached & {"MEDIA_ROOT", "objects", "default_storage"} == set()
