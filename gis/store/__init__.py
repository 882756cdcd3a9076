"""Where is everything kept? PostGIS: tables, sessions, repositories, the private cluster."""
