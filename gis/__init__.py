"""The domain of Wangge: plans, lookups, reports, cameras. Knows neither web nor map library."""
