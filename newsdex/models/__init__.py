"""The entity models that ship with the project, and what runs them."""
