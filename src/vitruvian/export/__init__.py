"""Export to self-contained model files, with a parity check. Needs torch."""

from vitruvian.export.calibrated import write_calibrated, write_uncalibrated
from vitruvian.export.conversion import Source, convert, pull
from vitruvian.export.crops import comparison_crops
from vitruvian.export.onnx_file import Agreement, compare, export_onnx

__all__ = [
    "Agreement",
    "Source",
    "compare",
    "comparison_crops",
    "convert",
    "export_onnx",
    "pull",
    "write_calibrated",
    "write_uncalibrated",
]
