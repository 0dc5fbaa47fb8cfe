"""The training loop. Needs torch."""

from vitruvian.training.check import Check
from vitruvian.training.facts import Facts, facts_of
from vitruvian.training.hardware import Hardware
from vitruvian.training.joint_map import Match, distances_to, doubts, match, rows_of
from vitruvian.training.logs import CURVES, LOG, Log, read_log
from vitruvian.training.loop import Step, train
from vitruvian.training.memory import Demand, demand, memory_of
from vitruvian.training.mirror_guess import MirrorGuess, guess_mirror, tells_sides
from vitruvian.training.own_data import Parts, choose_score, parted, readable
from vitruvian.training.plan import Machine, Plan, duration, plan, timed, usual_start
from vitruvian.training.progress import Run
from vitruvian.training.run import BEST, LAST, STATE, Job, run
from vitruvian.training.schedule import learning_rate
from vitruvian.training.speed import crops_per_second, this_machine
from vitruvian.training.start import Start, answers, read_start, transplanted
from vitruvian.training.state import saved_recipe
from vitruvian.training.workers import usual_workers

__all__ = [
    "BEST",
    "CURVES",
    "LAST",
    "LOG",
    "STATE",
    "Check",
    "Demand",
    "Facts",
    "Hardware",
    "Job",
    "Log",
    "Machine",
    "Match",
    "MirrorGuess",
    "Parts",
    "Plan",
    "Run",
    "Start",
    "Step",
    "answers",
    "choose_score",
    "crops_per_second",
    "demand",
    "distances_to",
    "doubts",
    "duration",
    "facts_of",
    "guess_mirror",
    "learning_rate",
    "match",
    "memory_of",
    "parted",
    "plan",
    "read_log",
    "read_start",
    "readable",
    "rows_of",
    "run",
    "saved_recipe",
    "tells_sides",
    "this_machine",
    "timed",
    "train",
    "transplanted",
    "usual_start",
    "usual_workers",
]
