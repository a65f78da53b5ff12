"""How fast it is: one module for each figure, each beside the floor that it is measured against in the same run."""
