"""Poses of people in photos, as numbers; ORIGIN.md says where they are from. Made again, or from other labels, by

    python -m vitruvian.synthesis.poses.fitted train_joints.csv mpii.npy mpii16

from a table of joints, a row for each person: an image's name, then x and y of each joint of the skeleton, negative
where unknown, or x, y and v, v being 0 where unknown.
"""
