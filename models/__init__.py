"""The entity models that ship with the project, and the recipe that trains them."""
