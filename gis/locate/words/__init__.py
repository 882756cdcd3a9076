"""Which parts do the words of an address make?"""
