"""From a query to what a person sees: hits, facets, timeline, stories, copies."""
