"""`python -m vitruvian`: the same as the command."""

import sys

from vitruvian.cli import main

sys.exit(main())
