"""Where do streets prefer to run, and how wide are they?

Main roads run the length of the valley. Smaller streets snap to preferred lines, so that they
continue across neighbouring blocks instead of ending at each of them.
"""

from gis.demo.terrain import FOOT_M, RIVERSIDE_M

HALF_WIDTH_M = {0: 16.0, 1: 11.0, 2: 7.5, 3: 4.5, 4: 3.0, 9: 0.0}

# Cross roads between the bands of communities, from the south: v, and the class of the road.
BANDS_M = {
    "E": (-2330, -1360, -480, 620, 1500, 2480),
    "W": (-2330, -1300, -480, 560, 1500, 2430),
}
BAND_RANKS = (1, 1, 0, 0, 1, 1)

# Roads along the river: distance from it, and class.
MAIN_U_M = {
    "E": {RIVERSIDE_M: 1, 270: 0, 450: 1, 610: 2, FOOT_M: 2},
    "W": {RIVERSIDE_M: 1, 300: 0, 520: 1, FOOT_M: 2},
}

LATTICE_U_M = {"E": (190, 270, 360, 450, 530, 610, 690), "W": (200, 300, 410, 520, 630)}
LATTICE_V_M = (
    -3290, -3170, -3075, -2950, -2820, -2700, -2590, -2450, -2210, -2090, -1985, -1860, -1720,
    -1600, -1490, -1180, -1075, -940, -810, -700, -590, -345, -230, -110, 20, 130, 255, 370, 490,
    730, 850, 965, 1110, 1240, 1370, 1620, 1745, 1860, 2000, 2120, 2240, 2360, 2600, 2710, 2850,
    2980, 3110, 3240,
)  # fmt: skip

# Largest block by the character of the community.
BLOCK_M2 = {
    "centre": 9000.0,
    "estate": 11500.0,
    "model": 8500.0,
    "old": 8000.0,
    "hillside": 12000.0,
    "station": 12000.0,
    "factory": 22000.0,
    "new": 15000.0,
}
