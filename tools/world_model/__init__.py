"""Train the model that finds names in the world's languages (`python -m tools.world_model`); nothing here ships."""
