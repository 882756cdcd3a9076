"""Every way in: HTTP routes, pages, command line, settings."""
