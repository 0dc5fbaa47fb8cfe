"""What people are made of: mesh, bones, shapes, and where their keypoints are."""
