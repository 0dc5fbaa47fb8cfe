"""How options look in the help."""

import tyro

OFF = tyro.conf.arg(help_behavior_hint="")  # an option that is off unless given; "(default: None)" would say nothing
