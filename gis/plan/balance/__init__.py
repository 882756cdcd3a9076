"""How can work be shared out evenly with the least change?"""

from gis.plan.balance.divide import divide, divide_to_edits
from gis.plan.balance.edits import to_edits, transfer_units
from gis.plan.balance.explain import Move, Proposal, Unmet
from gis.plan.balance.graph import Links, link_units
from gis.plan.balance.propose import propose_balance

__all__ = [
    "Links",
    "Move",
    "Proposal",
    "Unmet",
    "divide",
    "divide_to_edits",
    "link_units",
    "propose_balance",
    "to_edits",
    "transfer_units",
]
