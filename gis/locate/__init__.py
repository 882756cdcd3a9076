"""Which grid covers a point?"""
