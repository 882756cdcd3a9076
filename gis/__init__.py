"""The domain of Wangge: plans, lookups, reports and cameras. Knows no web framework and no map library."""
