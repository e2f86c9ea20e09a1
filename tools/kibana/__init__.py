"""Builds and checks the saved objects in `newsdex/kibana` from `dashboards.toml`."""
