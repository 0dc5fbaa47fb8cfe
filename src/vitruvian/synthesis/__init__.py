"""People made of numbers: rendered bodies, hands and faces with exact keypoints. Needs the extra `synth`."""

from vitruvian.errors import needs

with needs("synth", "rendering people"):
    from vitruvian.synthesis.cast import SCENES
    from vitruvian.synthesis.engine import KINDS, Engine, Kind
    from vitruvian.synthesis.human.anatomy import Anatomy, Shape, Traits, anatomy
    from vitruvian.synthesis.human.pose import Posed, posed
    from vitruvian.synthesis.places.backgrounds import Photos
    from vitruvian.synthesis.poses.body_poses import Library, fitted_library, with_captures, with_fits
    from vitruvian.synthesis.rendered import Rendered

__all__ = [
    "KINDS",
    "SCENES",
    "Anatomy",
    "Engine",
    "Kind",
    "Library",
    "Photos",
    "Posed",
    "Rendered",
    "Shape",
    "Traits",
    "anatomy",
    "fitted_library",
    "posed",
    "with_captures",
    "with_fits",
]
