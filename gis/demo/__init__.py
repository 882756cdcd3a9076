"""The demonstration district: a synthetic Meilie, seeded and byte-identical."""

from gis.demo.addresses import StandardAddress
from gis.demo.district import SEED, District, build_district
from gis.demo.write import write_boundaries

__all__ = ["SEED", "District", "StandardAddress", "build_district", "write_boundaries"]
