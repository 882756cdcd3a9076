"""Files people have: boundaries, tables of reports, cameras, buildings."""
