"""Which entries of an address book do the parts of an address lead to?"""
