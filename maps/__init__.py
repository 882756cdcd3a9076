"""Folium maps: they draw what they are given."""
