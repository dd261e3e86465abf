"""Which setting is good enough on these videos, on this machine.

In: videos and settings of the command. Out: of each setting how long it takes, how steady it is and how far it agrees
with the strongest; which no other beats; what to take for a budget; a page. Of the other rooms it imports pipeline,
which it runs, evaluation, models, overlay and video.
"""

from posecore.comparison.candidate import Candidate, find_candidates
from posecore.comparison.comparison import Comparison, Row, compare_settings
from posecore.comparison.page import make_page
from posecore.comparison.piece import SAMPLE_SECONDS, Piece, cut_pieces
from posecore.comparison.trial import Trial, run_in_turn

__all__ = [
    "SAMPLE_SECONDS",
    "Candidate",
    "Comparison",
    "Piece",
    "Row",
    "Trial",
    "compare_settings",
    "cut_pieces",
    "find_candidates",
    "make_page",
    "run_in_turn",
]
