"""Which steps lead from an empty database to the tables of today?"""
