"""Who the workers are: processes, threads, a Dask or a Ray cluster."""
