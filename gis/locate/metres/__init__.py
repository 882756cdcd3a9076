"""How far is it, in metres, from a place in degrees?"""
