"""From the data to the entity models that ship: `python -m tools.entity_model --help`."""
