"""Orchestration, outermost: settings, the Prefect flows, the ledger and the command line."""
