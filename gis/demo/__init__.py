"""The demonstration district: a synthetic Meilie, seeded and byte-identical."""
