"""The data set doctor: finds what is wrong in images and labels, and proposes fixes."""

from vitruvian.datasets.doctor.finding import KINDS, Finding, Fix
from vitruvian.datasets.doctor.fixes import apply_fixes, format_fixes, read_fixes
from vitruvian.datasets.doctor.report import Report, examine

__all__ = ["KINDS", "Finding", "Fix", "Report", "apply_fixes", "examine", "format_fixes", "read_fixes"]
