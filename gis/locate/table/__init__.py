"""How is the cell table of a point index made, filled and read?"""
