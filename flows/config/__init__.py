"""What the user writes down: settings, sources, schedules."""
