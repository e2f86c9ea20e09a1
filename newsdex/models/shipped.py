"""Where the entity model that ships with the project lies; apart, so that nobody need load spaCy to look there."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path(__file__).parent / "en_newsdex_ner"
"""The English model of this project, trained by `python -m tools.entity_model`."""
