"""The recipe of the entity model that ships with the project: gold sets → teacher → labelled articles → small model.

One command runs it whole: `python -m models.recipe --help`.
"""
