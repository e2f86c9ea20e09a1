"""Where the entity model lies that ships with the project; apart, so that its version is known without loading spaCy."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parent / "en_newsdex_ner"
"""The English model of this project, trained by `python -m models.recipe`."""
