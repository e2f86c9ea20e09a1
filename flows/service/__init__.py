"""`newsdex serve`: Prefect server, worker, supervisor, deployments, automations."""
